"""The synced commits, as they are read."""

from collections.abc import Sequence
from typing import Protocol

from domain.replica import Commit, CommitFilter, CommitPlace
from domain.repository import RepositoryId


class Commits(Protocol):
    """Of one repository at a time; one that is on no branch any more is not there. Whoever asks has checked a grant."""

    async def list(
        self, repository_id: RepositoryId, wanted: CommitFilter, after: CommitPlace | None, limit: int
    ) -> Sequence[tuple[Commit, CommitPlace]]:
        """List the newest first, each with its place, from the one behind `after` on; raises `ListTooWide`."""
        ...

    async def count(self, repository_id: RepositoryId, at_most: int) -> int:
        """Count them as far as that: all of a large repository take too long."""
        ...
