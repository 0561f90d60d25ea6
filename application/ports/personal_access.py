"""What a person's own token sees of GitHub."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.connection import ConnectionId
from domain.grant import ProofSource
from domain.installation import Installation, InstallationId
from domain.repository import RepositoryId, SeenRepository
from domain.user import GitHubAccount


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
