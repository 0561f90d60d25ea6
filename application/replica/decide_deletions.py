"""An operator decides about deletions that were too many to be believed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from application.ports.clock import Clock
from application.ports.unit_of_work import BeginWork
from domain.errors import SyncNotFound
from domain.sync import Sync, SyncId

AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideDeletions:
    begin_work: BeginWork
    clock: Clock

    async def held(self) -> Sequence[Sync]:
        """List the syncs whose deletions are held."""
        held, after = list[Sync](), SyncId(0)
        async with self.begin_work(atomic=False) as work:
            while page := await work.syncs.after(after, AT_ONCE):
                held.extend(one for one in page if one.held_deletions is not None)
                after = page[-1].id
        return held

    async def apply(self, sync_id: SyncId) -> bool:
        """Let the next run, which reads all, delete what it does not meet; False if nothing is held.

        Raises `SyncNotFound`.
        """
        async with self.begin_work() as work:
            if await work.syncs.find(sync_id) is None:
                raise SyncNotFound(sync_id)
            return await work.syncs.allow_deletions(sync_id, self.clock.now())

    async def keep(self, sync_id: SyncId) -> bool:
        """Keep the data; False if nothing is held. Raises `SyncNotFound`."""
        async with self.begin_work() as work:
            if await work.syncs.find(sync_id) is None:
                raise SyncNotFound(sync_id)
            return await work.syncs.forget_deletions(sync_id)
