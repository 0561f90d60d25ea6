"""Each sync is read from its own source."""

import json

from adapters.nango.records_by_source import RecordsBySource
from domain.connection import ConnectionId
from domain.installation import InstallationId
from domain.sync import Position, Sync, SyncId, SyncKey
from tests.fakes.clock import NOON
from tests.fakes.synced_records import FakeSyncedRecords

ONE = ConnectionId("one")
NANGOS = SyncKey(connection_id=ONE, model="PullRequest")
PROXIED = SyncKey(connection_id=ONE, model="proxy:pulls", variant="9001")


async def test_records_of_nango_come_from_nango_and_lists_through_the_proxy() -> None:
    nango, proxied = FakeSyncedRecords(), FakeSyncedRecords()
    records = RecordsBySource(nango=nango, proxied=proxied)
    nango.put(NANGOS, {"id": "of Nango"})
    proxied.put(PROXIED, {"id": "of GitHub"})

    async def read(key: SyncKey) -> list[str]:
        sync = Sync(id=SyncId(1), key=key, installation_id=InstallationId(1), due_at=NOON)
        page = await records.page(sync, Position())
        return [record["id"] for record in json.loads(page.records)]

    assert await read(NANGOS) == ["of Nango"]
    assert await read(PROXIED) == ["of GitHub"]
