"""Delete what was synced of repositories that nobody has had a grant on for long."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.ports.clock import Clock
from application.ports.unit_of_work import BeginWork
from domain.errors import UpstreamUnavailable
from domain.repository import RepositoryId

BATCH: Final = 100
# So that no statement is long.
ROWS_AT_ONCE: Final = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteUnused:
    """Nobody sees the data from the end of the last grant on; it stays a while, as grants come back."""

    begin_work: BeginWork
    clock: Clock
    kept: timedelta

    async def __call__(self) -> None:
        """Delete of a few repositories, one after the other; raises `UpstreamUnavailable` for the first that failed."""
        now = self.clock.now()
        async with self.begin_work(atomic=False) as work:
            await work.replicated_repositories.look(now)
        failure: UpstreamUnavailable | None = None
        for _ in range(BATCH):
            async with self.begin_work(atomic=False) as work:
                unused = await work.replicated_repositories.begin_deletion(now - self.kept, now, 1)
            if not unused:
                break
            try:
                await self._delete(unused[0])
            except UpstreamUnavailable as error:
                failure = failure or error
        if failure is not None:
            raise failure

    async def _delete(self, repository_id: RepositoryId) -> None:
        deleted = 1
        while deleted:
            async with self.begin_work(atomic=False) as work:
                deleted = await work.replicated_repositories.delete_some(repository_id, ROWS_AT_ONCE)
