"""Whoever may see a repository may have its data read now, and not too often."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import pytest

from application.replica.sync_now import PULL_IN, REST, SyncNow
from domain.connection import ConnectionId
from domain.errors import ConnectionBroken, NoSuchSyncs, NotSynced, RepositoryNotFound, TooOften, UpstreamUnavailable
from domain.installation import InstallationId
from domain.repository import Permission, RepositoryId
from domain.sync import ReplicaKind, SyncId, SyncKey, SyncSource
from domain.sync_plan import SyncPlan
from domain.user import UserId
from tests.application.house import House
from tests.builders import ADA, GRACE
from tests.fakes.clock import FakeClock
from tests.fakes.sync_control import FakeSyncControl

ACME: Final = InstallationId(5001)
ONE, TWO = RepositoryId(1), RepositoryId(2)
PULLS, COMMITS = ReplicaKind.PULL_REQUESTS, ReplicaKind.COMMITS
MODELS: Final = {"pull_requests": "PullRequest", "commits": "Commit"}


@dataclass
class Asking:
    house: House
    control: FakeSyncControl
    ada: UserId
    plan: SyncPlan

    @property
    def clock(self) -> FakeClock:
        return self.house.clock

    @property
    def connection_id(self) -> ConnectionId:
        [connection] = self.house.begin_work.tables.installation_connections.values()
        return connection.id

    async def ask(self, user_id: UserId | None = None, repository_id: RepositoryId = ONE) -> list[ReplicaKind]:
        use_case = SyncNow(
            sync_control=self.control, begin_work=self.house.begin_work, clock=self.clock, plan=self.plan
        )
        return list(await use_case(user_id or self.ada, repository_id))

    async def due(self) -> dict[tuple[str, str], timedelta]:
        async with self.house.begin_work() as work:
            found = await work.syncs.after(SyncId(0), 100)
        return {(one.key.model, one.key.variant): one.due_at - self.clock.now() for one in found}


@pytest.fixture
async def asking(house: House) -> Asking:
    house.github.install(ACME, "acme")
    for repository in (ONE, TWO):
        house.github.create(repository, ACME)
    house.github.give(ADA, Permission.READ, ONE, TWO)
    ada = (await house.sign_in(ADA)).user_id
    await house.link(ada, ADA)
    return Asking(house, FakeSyncControl(), ada, SyncPlan(models=MODELS))


async def test_the_syncs_are_triggered_and_their_records_pulled_soon(asking: Asking) -> None:
    later = asking.clock.now() + timedelta(hours=1)
    key = SyncKey(connection_id=asking.connection_id, model="PullRequest")
    async with asking.house.begin_work() as work:
        await work.syncs.make(key, ACME, later, "pull_requests")

    assert await asking.ask() == [PULLS, COMMITS]

    assert asking.control.triggered == [(asking.connection_id, ["pull_requests", "commits"], False)]
    assert await asking.due() == {("PullRequest", "base"): PULL_IN, ("Commit", "base"): PULL_IN}


async def test_once_a_minute_for_all_repositories_of_an_installation(asking: Asking) -> None:
    await asking.ask()
    asking.clock.advance(REST / 2)

    with pytest.raises(TooOften) as refused:
        await asking.ask(repository_id=TWO)
    assert refused.value.retry_after == REST / 2
    asking.clock.advance(REST / 2)

    assert await asking.ask(repository_id=TWO) == [PULLS, COMMITS]


async def test_what_nango_did_not_do_may_be_asked_for_again_at_once(asking: Asking) -> None:
    asking.control.fail("trigger")
    with pytest.raises(UpstreamUnavailable):
        await asking.ask()

    assert await asking.ask() == [PULLS, COMMITS]
    with pytest.raises(TooOften):
        await asking.ask()


async def test_without_a_grant_there_is_nothing_to_ask_for(asking: Asking) -> None:
    grace = (await asking.house.sign_in(GRACE)).user_id

    for user_id, repository_id in ((grace, ONE), (asking.ada, RepositoryId(4711))):
        with pytest.raises(RepositoryNotFound):
            await asking.ask(user_id, repository_id)

    assert asking.control.calls.total() == 0
    assert await asking.ask() == [PULLS, COMMITS]


async def test_githubs_lists_of_a_chosen_repository_are_read_at_once(asking: Asking) -> None:
    asking.plan = SyncPlan(source=SyncSource.PROXY, models=MODELS, chosen=["acme/repository-1"])

    assert await asking.ask() == [PULLS, COMMITS]

    assert asking.control.calls.total() == 0
    assert await asking.due() == {("proxy:pulls", "1"): timedelta(0), ("proxy:commits", "1"): timedelta(0)}
    with pytest.raises(NotSynced, match="SYNC_REPOSITORIES"):
        await asking.ask(repository_id=TWO)


async def test_where_nothing_is_synced_that_is_said(asking: Asking) -> None:
    asking.plan = SyncPlan(models={})

    with pytest.raises(NotSynced, match="SYNC_NAMES"):
        await asking.ask()


async def test_what_cannot_be_done_is_said(asking: Asking) -> None:
    asking.control.deployed = set()
    with pytest.raises(NoSuchSyncs):
        await asking.ask()

    asking.clock.advance(REST)
    tables = asking.house.begin_work.tables
    broken = tables.installation_connections[asking.connection_id].broken("refused", asking.clock.now())
    tables.installation_connections[asking.connection_id] = broken
    with pytest.raises(ConnectionBroken):
        await asking.ask()
