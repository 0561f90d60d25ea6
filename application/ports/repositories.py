"""GitHub's repositories, as far as installations cover them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from domain.installation import InstallationId
from domain.repository import Repository, RepositoryId


class Repositories(Protocol):
    """What was read earlier (`at`) never overwrites what was read later.

    A removed one keeps its row, and no grant; one that moves to another installation, or comes back, brings none along.
    """

    async def save(self, installation_id: InstallationId, repository: Repository, at: datetime) -> None:
        """Store one as it was read, as the installation's."""
        ...

    async def replace_all(
        self, installation_id: InstallationId, repositories: Sequence[Repository], at: datetime
    ) -> int:
        """Store an installation's full list as it was read; what it does not name any more is removed.

        Tell how many were removed. None is that was seen in the installation after `at`.
        """
        ...

    async def remove(self, repository_ids: Collection[RepositoryId], at: datetime) -> None:
        """Take them out of their installations, and remove all grants on them, unless they were seen after `at`."""
        ...

    async def find(self, repository_id: RepositoryId) -> tuple[Repository, InstallationId] | None:
        """Find one that is in an installation."""
        ...

    async def ids_of(self, installation_id: InstallationId) -> Sequence[RepositoryId]:
        """List what the installation covers, in order."""
        ...

    async def granted_in(
        self, installation_id: InstallationId, after: RepositoryId, limit: int
    ) -> Sequence[Repository]:
        """List those that anybody has a grant on, in the order of ids, from the one after this id on."""
        ...
