"""Records from wherever a sync reads them."""

from dataclasses import dataclass

from application.ports.synced_records import SyncedRecords
from domain.sync import Position, RecordPage, Sync, SyncSource


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsBySource(SyncedRecords):
    nango: SyncedRecords
    proxied: SyncedRecords

    async def page(self, sync: Sync, position: Position) -> RecordPage:
        source = self.proxied if sync.key.source is SyncSource.PROXY else self.nango
        return await source.page(sync, position)
