"""What the suite of `SyncedRecords` needs besides the port: somebody who changes the records."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol, cast

import httpx

from adapters.nango.budget import CallBudget
from adapters.nango.client import NangoClient
from adapters.nango.synced_records import NangoSyncedRecords
from application.ports.synced_records import SyncedRecords
from domain.connection import ConnectionId
from domain.installation import InstallationId
from domain.sync import Sync, SyncId, SyncKey
from entrypoints.sandbox.clock import ManualClock
from entrypoints.sandbox.nango.records.table import Table
from entrypoints.sandbox.nango.state import Credentials
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.settings import SandboxSettings
from entrypoints.sandbox.wire import compact_json
from tests.fakes.clock import NOON, FakeClock
from tests.fakes.synced_records import FakeSyncedRecords, Payload
from tests.sandbox.served import app_of

SANDBOX_URL: Final = "http://sandbox.test"
CONNECTION: Final = ConnectionId("b271a040-56ab-4c79-8057-0a79ff26e241")
PAGE_SIZE: Final = 3
PULLS: Final = SyncKey(connection_id=CONNECTION, model="GithubPullRequest")


def a_sync(key: SyncKey = PULLS) -> Sync:
    return Sync(id=SyncId(1), key=key, installation_id=InstallationId(5_001), due_at=NOON)


class Recording(Protocol):
    """The port on a store of records, and the store."""

    @property
    def port(self) -> SyncedRecords: ...

    def put(self, *payloads: Payload, key: SyncKey = PULLS) -> None: ...

    def delete(self, *ids: str) -> None: ...

    def prune(self, *ids: str) -> None: ...

    def bound(self, most_bytes: int) -> None:
        """Let a page end when its records come to so many bytes."""
        ...

    async def wait(self) -> None:
        """Let a second pass."""
        ...


@dataclass(frozen=True, slots=True)
class FakeRecording(Recording):
    records: FakeSyncedRecords

    @property
    def port(self) -> SyncedRecords:
        return self.records

    def put(self, *payloads: Payload, key: SyncKey = PULLS) -> None:
        self.records.put(key, *payloads)

    def delete(self, *ids: str) -> None:
        self.records.delete(PULLS, *ids)

    def prune(self, *ids: str) -> None:
        self.records.prune(PULLS, *ids)

    def bound(self, most_bytes: int) -> None:
        self.records.page_bytes = most_bytes

    async def wait(self) -> None:
        cast("FakeClock", self.records.clock).advance(timedelta(seconds=1))


@dataclass(frozen=True, slots=True)
class SandboxRecording(Recording):
    adapter: NangoSyncedRecords
    sandbox: Sandbox
    clock: ManualClock

    @property
    def port(self) -> SyncedRecords:
        return self.adapter

    def put(self, *payloads: Payload, key: SyncKey = PULLS) -> None:
        batch = [(str(payload["id"]), compact_json(payload)) for payload in payloads]
        self._table(key).save(batch, self.sandbox.now())

    def delete(self, *ids: str) -> None:
        self._table(PULLS).delete([(one, None) for one in ids], self.sandbox.now())

    def prune(self, *ids: str) -> None:
        self._table(PULLS).prune(ids, self.sandbox.now())

    def bound(self, most_bytes: int) -> None:
        self.sandbox.conditions.records_page_bytes = most_bytes

    async def wait(self) -> None:
        await self.clock.advance(1)

    def _table(self, key: SyncKey) -> Table:
        [connection] = self.sandbox.nango.connections.values()
        return connection.records.table(key.model, key.variant)


def fake_recording() -> FakeRecording:
    port = FakeSyncedRecords(page_size=PAGE_SIZE)
    port.gone.add(ConnectionId("nobodys"))
    return FakeRecording(port)


def sandbox_recording() -> SandboxRecording:
    settings, clock = SandboxSettings(public_url=SANDBOX_URL, rate_limit_per_minute=None), ManualClock()
    sandbox = Sandbox(settings, clock, None)
    client = NangoClient(
        http=httpx.ASGITransport(app_of(sandbox)),
        host=SANDBOX_URL,
        secret_key=settings.secret_key,
        budget=CallBudget(),
        now=lambda: clock.now().timestamp(),
    )
    key = settings.repository_integration
    credentials = Credentials(type="OAUTH2", access_token="ghu_of-nobody", raw={})
    sandbox.nango.add_connection(key, CONNECTION, credentials, sandbox.now())
    port = NangoSyncedRecords(client=client, integration=key, page_size=PAGE_SIZE)
    return SandboxRecording(port, sandbox, clock)


def things(*names: str, **more: object) -> Sequence[Payload]:
    return [{"id": name, **more} for name in names]
