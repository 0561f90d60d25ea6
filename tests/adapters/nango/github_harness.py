"""What the contract suites of GitHub's access need besides the ports: one small world, and trouble to order.

`northwind-labs` has the App (installation 5001) for `atlas`, which is public, and `beacon`, which is private, but not
for `handbook`. Ada is its owner; Grace is a member and may push to `beacon`; Sam may read `atlas`. Sam's own `notes`
and `garden` have no App.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, Protocol

from application.ports.installation_access import InstallationAccess
from application.ports.installation_imports import InstallationImports
from application.ports.personal_access import PersonalAccess, Viewpoint
from application.ports.provider_connections import ProviderConnections
from application.ports.repository_contents import RepositoryContents
from domain.connection import ConnectionId
from domain.grant import ProofSource
from domain.installation import InstallationId
from domain.repository import RepositoryId
from domain.user import GitHubAccount, GitHubId

INSTALLATION: Final = InstallationId(5_001)
ORGANIZATION: Final = "northwind-labs"
ATLAS, BEACON, HANDBOOK = RepositoryId(770_001), RepositoryId(770_002), RepositoryId(770_003)
NOTES, GARDEN = RepositoryId(770_004), RepositoryId(770_005)
ADA: Final = GitHubAccount(id=GitHubId(583_201), login="ada-rivera", name=None, email=None, avatar_url=None)
GRACE: Final = GitHubAccount(id=GitHubId(583_202), login="grace-okafor", name=None, email=None, avatar_url=None)
SAM: Final = GitHubAccount(id=GitHubId(583_203), login="sam-lindqvist", name=None, email=None, avatar_url=None)
README: Final = b"# Atlas\n\nMaps of places that are not there.\n"
FILES: Final = {
    (ATLAS, "README.md"): README,
    (ATLAS, "docs/guide/first steps.md"): "# First steps\n\nBegin in Malmö.\n".encode(),
    (BEACON, "lamp.bin"): bytes(range(256)),
}


class Way(Enum):
    """How a person's token came to a connection."""

    LOGIN = auto()
    LINK = auto()
    INSTALLED = auto()
    """Beside the token of the installation, which Nango put in its place."""

    @property
    def source(self) -> ProofSource:
        return ProofSource.LOGIN if self is Way.LOGIN else ProofSource.LINK


class Trouble(Protocol):
    """What happens at GitHub and in Nango meanwhile."""

    async def suspend(self) -> None: ...

    async def uninstall(self) -> None: ...

    async def rename(self, person: GitHubAccount, login: str) -> None: ...

    async def revoke(self, viewpoint: Viewpoint) -> None:
        """Make GitHub refuse the person's token of this connection."""
        ...

    async def break_credentials(self, connection_id: ConnectionId) -> None:
        """Stop Nango's refresh of an installation's token."""
        ...

    async def withhold(self, permission: str) -> None:
        """Take a permission from the App: contents, issues, members, pull_requests."""
        ...

    async def add_repositories(self, count: int) -> None:
        """Let the installation's account have so many more, covered by the installation."""
        ...

    async def write(self, repository_id: RepositoryId, path: str, content: bytes) -> None: ...

    async def archive(self, repository_id: RepositoryId) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHubHarness:
    """The ports on one world; `connect` makes a person's connection, and `lose` forgets what Nango kept of them."""

    personal: PersonalAccess
    installed: InstallationAccess
    imports: InstallationImports
    contents: RepositoryContents
    connections: ProviderConnections
    trouble: Trouble
    connect: Callable[[GitHubAccount, Way], Awaitable[Viewpoint]]
    lose: Callable[[Viewpoint], Awaitable[None]]
    connect_oauth_app: Callable[[GitHubAccount], Awaitable[Viewpoint]]
    comments: Callable[[RepositoryId], list[str]]

    async def login(self, person: GitHubAccount) -> Viewpoint:
        """Sign in by the App's own client."""
        return await self.connect(person, Way.LOGIN)

    async def imported(self) -> ConnectionId:
        return await self.imports.make(INSTALLATION)
