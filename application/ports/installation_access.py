"""What the token of an installation's connection sees of GitHub."""

from collections.abc import Sequence
from typing import Protocol

from domain.connection import ConnectionId
from domain.installation import Installation, InstallationId
from domain.repository import Permission, Repository, RepositoryId
from domain.user import GitHubId


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
