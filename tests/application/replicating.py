"""One installation whose records are pulled, on fakes."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from application.deliveries.hear_sync import HearSync
from application.ports.synced_records import SyncedRecords
from application.replica.pull_due import PullDue, Pulled, PullOutcome
from domain.connection import ConnectionId, ConnectionState
from domain.delivery import Delivery, DeliveryId, DeliveryKind, DeliveryState, Json
from domain.installation import InstallationConnection, holder_of
from domain.replica import ItemFilter, PullRequest
from domain.repository import RepositoryId
from domain.sync import Fuse, Position, RecordPage, Sync, SyncKey
from domain.sync_plan import SyncPlan
from tests.contract.connecting import ACME, a_repository, an_installation
from tests.fakes.clock import FakeClock
from tests.fakes.synced_records import FakeSyncedRecords
from tests.fakes.unit_of_work import BeginInMemoryWork
from tests.records import Record, a_record, changed

ROCKET: Final = RepositoryId(9001)
CONNECTION: Final = ConnectionId("acme-connection")
PULLS: Final = SyncKey(connection_id=CONNECTION, model="PullRequest")
PLAN: Final = SyncPlan(models={"pull_requests": "PullRequest", "commits": "Commit", "issues": "Issue"})
LEASE: Final = timedelta(seconds=30)
ALL: Final = 10_000


class Replicating:
    """What Nango keeps is `synced_records`; a webhook is heard, and what is due is pulled."""

    def __init__(self, plan: SyncPlan = PLAN, fuse: Fuse = Fuse()) -> None:  # noqa: B008 - frozen
        self.clock = FakeClock()
        self.begin_work = BeginInMemoryWork()
        self.synced_records = FakeSyncedRecords(clock=self.clock, page_size=2)
        self.hear_sync = HearSync(plan=plan, begin_work=self.begin_work, clock=self.clock)
        self.pull_due = PullDue(
            synced_records=self.synced_records,
            begin_work=self.begin_work,
            clock=self.clock,
            plan=plan,
            fuse=fuse,
            lease=LEASE,
        )

    async def connect(self, connection_id: ConnectionId = CONNECTION) -> None:
        async with self.begin_work() as work:
            await work.installations.remember(an_installation(ACME))
            await work.repositories.save(ACME, a_repository(ROCKET, "rocket"), self.clock.now())
            await work.installation_connections.add(
                InstallationConnection(
                    id=connection_id,
                    installation_id=ACME,
                    end_user_id=holder_of(ACME),
                    state=ConnectionState.LIVE,
                    checked_at=self.clock.now(),
                )
            )

    async def retire(self, connection_id: ConnectionId = CONNECTION) -> None:
        async with self.begin_work() as work:
            known = await work.installation_connections.find(connection_id)
            assert known is not None
            await work.installation_connections.save(known.retired("replaced"))

    async def hear(self, **told: Json) -> tuple[DeliveryState, str]:
        return await self.hear_sync(
            Delivery(
                id=DeliveryId(1),
                kind=DeliveryKind.SYNC,
                body=sync_webhook(**told),
                headers={},
                received_at=self.clock.now(),
                tries=1,
            )
        )

    async def pull(self) -> list[PullOutcome]:
        """Pull until nothing is due."""
        return [pulled.outcome for pulled in await self.turns()]

    async def turns(self) -> list[Pulled]:
        turns = list[Pulled]()
        while (pulled := await self.pull_due()) is not None:
            turns.append(pulled)
            assert len(turns) < 100
        return turns

    async def sync(self) -> Sync:
        async with self.begin_work() as work:
            (only,) = await work.syncs.of_repository(ROCKET, ACME)
            return only

    async def pull_requests(self) -> dict[int, str]:
        async with self.begin_work() as work:
            found: list[PullRequest] = list(await work.pull_requests.list(ROCKET, ItemFilter(), None, ALL))
        return {one.number: one.title for one in sorted(found, key=lambda one: one.number)}


class Pages(SyncedRecords):
    """Pages as a test makes them."""

    def __init__(self, page: Callable[[Sync, Position], Awaitable[RecordPage]]) -> None:
        self._page = page

    async def page(self, sync: Sync, position: Position) -> RecordPage:
        return await self._page(sync, position)


def payload(number: int, title: str = "Fly") -> Record:
    page = f"https://github.com/acme/rocket/pull/{number}"
    record = a_record("PullRequest")
    del record["_nango_metadata"]
    return changed(record, {"id": str(number), "number": number, "title": title, "html_url": page})


def sync_webhook(**told: Json) -> dict[str, Json]:
    body: dict[str, Json] = {
        "type": "sync",
        "from": "nango",
        "connectionId": CONNECTION,
        "providerConfigKey": "github-app-oauth",
        "model": "PullRequest",
        "syncName": "pull_requests",
        "syncVariant": "base",
        "syncType": "INCREMENTAL",
        "checkpoints": {"from": {"lastSync": "2026-11-01"}, "to": {"lastSync": "2026-11-21"}},
        "success": True,
        "responseResults": {"added": 1, "updated": 0, "deleted": 0},
    }
    return {**body, **told}


def in_words(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
