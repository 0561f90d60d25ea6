"""What GitHub says about who may see what."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.connection import ConnectionId
from domain.grant import ProofSource
from domain.installation import Installation, InstallationId
from domain.repository import Permission, Repository, RepositoryId, SeenRepository
from domain.user import GitHubAccount, GitHubId


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewpoint:
    """A connection with a person's own token: their login connection, or the one they made when they connected.

    Nango uses the person's token by itself unless `is_installation`: then it is taken from what Nango kept beside the
    installation's, if it did.
    """

    connection_id: ConnectionId
    source: ProofSource
    is_installation: bool = False


class PersonalAccess(Protocol):
    """As a person's own token sees GitHub.

    Every method raises `ConnectionNotFound`, `ConnectionBroken` if the token is refused or lost, `AccessNotReadable` if
    the token is not one of the GitHub App, and `UpstreamUnavailable`.
    """

    async def person(self, viewpoint: Viewpoint) -> GitHubAccount:
        """Say whose token it is (`GET /user`)."""
        ...

    async def installations(self, viewpoint: Viewpoint) -> Sequence[Installation]:
        """List the installations of our App that the person can reach (`GET /user/installations`), suspended too."""
        ...

    async def repositories(self, viewpoint: Viewpoint, installation_id: InstallationId) -> Sequence[SeenRepository]:
        """List what of an installation GitHub lists for the person, all pages or nothing, in the order of their ids."""
        ...

    async def repository(self, viewpoint: Viewpoint, repository_id: RepositoryId) -> SeenRepository | None:
        """Look at one repository as the person (`GET /repositories/{id}`); None if GitHub does not show it to them."""
        ...


class InstallationAccess(Protocol):
    """As the token of an installation's connection sees GitHub.

    Every method raises `ConnectionNotFound`, `ConnectionBroken` if the connection's credentials cannot be refreshed,
    `InstallationGone` if GitHub refuses its token, `InstallationSuspended`, and `UpstreamUnavailable`.
    """

    async def repositories(self, connection_id: ConnectionId) -> Sequence[Repository]:
        """List all of it (`GET /installation/repositories`), all pages or nothing, in the order of their ids."""
        ...

    async def about(self, connection_id: ConnectionId, installation_id: InstallationId) -> Installation | None:
        """Say what its first repository tells of the installation; None if it covers none."""
        ...

    async def repository(self, connection_id: ConnectionId, repository_id: RepositoryId) -> Repository | None:
        """Look at one; None if it is not the installation's, or not there."""
        ...

    async def check(self, connection_id: ConnectionId) -> None:
        """Use the token once, for the errors above."""
        ...

    async def login_of(self, connection_id: ConnectionId, github_id: GitHubId) -> str | None:
        """Find the login name that an account has now."""
        ...

    async def permission_of(
        self, connection_id: ConnectionId, repository_id: RepositoryId, login: str
    ) -> tuple[GitHubId, Permission] | None:
        """Read somebody's role in a repository, and whose it is; None for no role at all."""
        ...

    async def is_owner(self, connection_id: ConnectionId, account: str, login: str) -> bool:
        """Tell whether somebody administers an organisation; False too where the App may not read members."""
        ...
