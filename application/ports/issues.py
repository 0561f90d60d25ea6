"""The synced issues, as they are read."""

from collections.abc import Sequence
from typing import Protocol

from domain.replica import Issue, ItemFilter
from domain.repository import RepositoryId


class Issues(Protocol):
    """Of one repository at a time; deleted ones are not there. Whoever asks has checked for a grant."""

    async def list(
        self, repository_id: RepositoryId, wanted: ItemFilter, before: int | None, limit: int
    ) -> Sequence[Issue]:
        """List by falling numbers, from the one below `before` on, or from the highest; raises `ListTooWide`."""
        ...

    async def count(self, repository_id: RepositoryId, at_most: int) -> int:
        """Count them as far as that: all of a large repository take too long."""
        ...
