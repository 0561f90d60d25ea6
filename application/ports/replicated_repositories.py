"""Which repositories have data in the replica, and how long nobody has had a use for it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.repository import RepositoryId


class ReplicatedRepositories(Protocol):
    """A repository's data is of use while somebody has a grant on it and something is synced of it."""

    async def look(self, now: datetime) -> None:
        """Note since when data is of no use, and forget that of such as is of use again.

        What had been deleted, or had begun to be, is then read anew.
        """
        ...

    async def begin_deletion(self, unused_since: datetime, now: datetime, limit: int) -> Sequence[RepositoryId]:
        """List repositories whose data has been of no use since then, or longer, each once a day.

        Something of them may be stored again at any time, as long as the source tells of it.
        """
        ...

    async def delete_some(self, repository_id: RepositoryId, limit: int) -> int:
        """Delete at most so many rows of each table, unless the data is of use again; tell how many rows."""
        ...
