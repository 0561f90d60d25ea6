"""An operator has everything read anew."""

from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.unit_of_work import BeginWork
from domain.errors import SyncNotFound
from domain.sync import Sync, SyncId


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetSync:
    """What is there stays until it is read again; what is not met then is gone."""

    begin_work: BeginWork
    clock: Clock

    async def find(self, sync_id: SyncId) -> Sync:
        """Raise `SyncNotFound`."""
        async with self.begin_work(atomic=False) as work:
            sync = await work.syncs.find(sync_id)
        if sync is None:
            raise SyncNotFound(sync_id)
        return sync

    async def __call__(self, sync_id: SyncId) -> None:
        """Raise `SyncNotFound`."""
        await self.find(sync_id)
        async with self.begin_work(atomic=False) as work:
            await work.syncs.want(sync_id, self.clock.now(), fully=True)
