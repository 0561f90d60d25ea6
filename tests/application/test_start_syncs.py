"""Which repositories' data is read follows from what people were granted, and from what the operator chose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import pytest

from application.replica.arrange_syncs import FIRST_PULL_IN, ArrangeSyncs
from application.replica.start_syncs import LOOK_EVERY, REST, StartSyncs
from domain.connection import ConnectionId
from domain.errors import NoSuchSyncs, UpstreamUnavailable
from domain.installation import InstallationId
from domain.repository import Permission, RepositoryId
from domain.sync import SyncId, SyncKey, SyncSource
from domain.sync_plan import SyncPlan
from domain.user import UserId
from tests.application.house import House
from tests.builders import ADA, GRACE
from tests.fakes.sync_control import FakeSyncControl
from tests.fakes.sync_scopes import StoredScope

ACME: Final = InstallationId(5001)
ONE, TWO, THREE = (RepositoryId(number) for number in (1, 2, 3))
MODELS: Final = {"pull_requests": "PullRequest", "commits": "Commit"}
NANGO: Final = SyncPlan(models=MODELS)
MINUTE: Final = timedelta(minutes=1)


@dataclass
class Syncing:
    """A house in which syncs are arranged."""

    house: House
    control: FakeSyncControl
    plan: SyncPlan = NANGO

    async def begin(self) -> "Syncing":
        self.house.github.install(ACME, "acme")
        for repository in (ONE, TWO, THREE):
            self.house.github.create(repository, ACME)
        self.house.github.give(ADA, Permission.READ, ONE, TWO)
        self.house.github.give(GRACE, Permission.READ, TWO)
        return self

    async def start(self) -> int:
        work, clock = self.house.begin_work, self.house.clock
        arrange = ArrangeSyncs(sync_control=self.control, begin_work=work, clock=clock, plan=self.plan)
        return await StartSyncs(arrange=arrange, begin_work=work, clock=clock)()

    async def settle(self) -> None:
        """Let the time pass until everything was looked at."""
        self.house.clock.advance(LOOK_EVERY)
        await self.start()

    async def rows(self) -> Mapping[tuple[str, str], timedelta]:
        """Show each sync, and in which time it is due."""
        async with self.house.begin_work() as work:
            found = await work.syncs.after(SyncId(0), 100)
        return {(one.key.model, one.key.variant): one.due_at - self.house.clock.now() for one in found}

    async def told_since(self) -> Mapping[RepositoryId, timedelta]:
        """Show how long ago the syncs were told of which repositories."""
        async with self.house.begin_work() as work:
            found = {one: await work.sync_scopes.arrangement_of(ACME, one) for one in (ONE, TWO, THREE)}
        now = self.house.clock.now()
        return {one: told.told_since - now for one, told in found.items() if told.told_since is not None}

    @property
    def scope(self) -> StoredScope:
        return self.house.begin_work.tables.sync_scopes[ACME]

    @property
    def connection_id(self) -> ConnectionId:
        [connection] = self.house.begin_work.tables.installation_connections.values()
        return connection.id

    @property
    def told(self) -> Sequence[str] | None:
        return self.control.told.get(self.connection_id)


@pytest.fixture
async def syncing() -> Syncing:
    return await Syncing(House(), FakeSyncControl()).begin()


async def link_ada(syncing: Syncing) -> UserId:
    user_id = (await syncing.house.sign_in(ADA)).user_id
    await syncing.house.link(user_id, ADA)
    return user_id


async def test_the_first_grants_have_the_syncs_told_and_started(syncing: Syncing) -> None:
    assert await syncing.start() == 0
    await link_ada(syncing)

    assert await syncing.start() == 1

    assert syncing.told == ["acme/repository-1", "acme/repository-2"]
    assert syncing.control.started == {syncing.connection_id: ["pull_requests", "commits"]}
    assert syncing.control.triggered == []
    assert await syncing.rows() == {("PullRequest", "base"): FIRST_PULL_IN, ("Commit", "base"): FIRST_PULL_IN}


async def test_what_was_told_is_not_told_again(syncing: Syncing) -> None:
    await link_ada(syncing)
    await syncing.start()
    grace = (await syncing.house.sign_in(GRACE)).user_id
    await syncing.house.link(grace, GRACE)

    assert await syncing.start() == 1
    await syncing.settle()

    assert syncing.control.calls["tell_repositories"] == 1
    assert syncing.scope.error is None


async def test_a_repository_that_is_new_has_everything_read_anew_after_a_rest(syncing: Syncing) -> None:
    ada = await link_ada(syncing)
    await syncing.start()
    syncing.house.github.give(ADA, Permission.READ, THREE)
    await syncing.house.link(ada, ADA)

    await syncing.start()
    assert syncing.control.calls["tell_repositories"] == 1
    syncing.house.clock.advance(REST)
    await syncing.start()

    assert syncing.told == ["acme/repository-1", "acme/repository-2", "acme/repository-3"]
    assert syncing.control.triggered == [(syncing.connection_id, ["pull_requests", "commits"], True)]
    assert await syncing.told_since() == {ONE: -REST, TWO: -REST, THREE: timedelta(0)}


async def test_its_records_are_pulled_soon_though_nango_tells_of_no_run_that_finds_nothing(syncing: Syncing) -> None:
    ada = await link_ada(syncing)
    await syncing.start()
    for stored in list(syncing.house.begin_work.tables.syncs.values()):
        pulled = replace(stored.sync, due_at=syncing.house.clock.now() + LOOK_EVERY)
        syncing.house.begin_work.tables.syncs[pulled.id] = replace(stored, sync=pulled)
    syncing.house.github.give(ADA, Permission.READ, THREE)
    await syncing.house.link(ada, ADA)
    syncing.house.clock.advance(REST)

    await syncing.start()

    assert await syncing.rows() == {("PullRequest", "base"): FIRST_PULL_IN, ("Commit", "base"): FIRST_PULL_IN}


async def test_where_something_is_lost_nothing_is_read_anew(syncing: Syncing) -> None:
    ada = await link_ada(syncing)
    await syncing.start()
    syncing.house.github.take(ADA, TWO)
    await syncing.house.link(ada, ADA)
    syncing.house.clock.advance(REST)
    await syncing.settle()

    assert syncing.told == ["acme/repository-1"]
    assert syncing.control.triggered == []


async def test_a_connection_that_was_made_anew_under_its_id_has_its_syncs_told_and_started_anew(
    syncing: Syncing,
) -> None:
    ada = await link_ada(syncing)
    await syncing.start()
    first = syncing.connection_id
    async with syncing.house.begin_work() as work:
        row = await work.installation_connections.find(first)
        assert row is not None
        await work.installation_connections.save(row.retired("it is gone in Nango"))
        await work.installation_connections.remove(first)
    syncing.control.told.clear()

    await syncing.house.link(ada, ADA)
    await syncing.start()

    assert syncing.connection_id == first
    assert syncing.told == ["acme/repository-1", "acme/repository-2"]
    assert syncing.control.calls["start"] == 2
    assert syncing.control.triggered == []


async def test_what_is_proven_by_role_counts_too(syncing: Syncing) -> None:
    ada = await link_ada(syncing)
    await syncing.start()
    syncing.house.github.give(ADA, Permission.WRITE, THREE)
    syncing.house.clock.advance(2 * REST)

    await syncing.house.proving.renew_access(ada)
    await syncing.start()

    assert syncing.told == ["acme/repository-1", "acme/repository-2", "acme/repository-3"]


async def test_where_nobody_has_a_grant_nothing_is_told(syncing: Syncing) -> None:
    async with syncing.house.begin_work() as work:
        await work.sync_scopes.want(ACME, syncing.house.clock.now())
    ada = await link_ada(syncing)
    async with syncing.house.begin_work() as work:
        await work.grants.leave(ada, ACME, syncing.house.clock.now())

    assert await syncing.start() == 1

    assert syncing.control.calls.total() == 0
    assert await syncing.rows() == {}


async def test_an_installation_without_a_connection_waits_and_keeps_nobody_from_theirs(syncing: Syncing) -> None:
    other = InstallationId(1)
    async with syncing.house.begin_work() as work:
        await work.sync_scopes.want(other, syncing.house.clock.now())
    await link_ada(syncing)

    assert await syncing.start() == 2

    assert syncing.told is not None
    assert "no connection" in (syncing.house.begin_work.tables.sync_scopes[other].error or "")


@pytest.mark.parametrize("method", ["tell_repositories", "start"])
async def test_what_failed_is_done_again(syncing: Syncing, method: str) -> None:
    await link_ada(syncing)
    syncing.control.fail(method)  # pyright: ignore[reportArgumentType] - one of them

    with pytest.raises(UpstreamUnavailable):
        await syncing.start()
    assert "fails" in (syncing.scope.error or "")
    assert await syncing.rows() == {}
    await syncing.settle()

    assert syncing.scope.error is None
    assert len(await syncing.rows()) == 2


async def test_a_nango_without_such_syncs_is_said_and_asked_again_later(syncing: Syncing) -> None:
    syncing.control.deployed = {"others"}
    await link_ada(syncing)

    with pytest.raises(NoSuchSyncs):
        await syncing.start()

    assert "no such syncs" in (syncing.scope.error or "")
    assert syncing.scope.due_at > syncing.house.clock.now() + MINUTE
    assert await syncing.rows() == {}


async def test_of_githubs_lists_those_of_chosen_repositories_are_read(syncing: Syncing) -> None:
    syncing.plan = SyncPlan(source=SyncSource.PROXY, models=MODELS, chosen=["acme/repository-2", "acme/repository-3"])
    ada = await link_ada(syncing)

    await syncing.start()

    now = timedelta(0)
    assert await syncing.rows() == {("proxy:pulls", "2"): now, ("proxy:commits", "2"): now}
    syncing.plan = SyncPlan(source=SyncSource.PROXY, models={"issues": "Issue"}, chosen=["*"])
    await syncing.settle()
    assert list(await syncing.rows()) == [("proxy:issues", "1"), ("proxy:issues", "2")]
    syncing.plan = SyncPlan(source=SyncSource.PROXY, models={"issues": "Issue"})
    await syncing.settle()
    assert await syncing.rows() == {}
    assert syncing.control.calls.total() == 0
    assert await syncing.house.seen_by(ada) == ["acme/repository-1", "acme/repository-2"]


async def test_a_new_repository_that_is_chosen_is_read_at_once(syncing: Syncing) -> None:
    syncing.plan = SyncPlan(source=SyncSource.PROXY, models={"issues": "Issue"}, chosen=["acme/*"])
    ada = await link_ada(syncing)
    await syncing.start()
    syncing.house.github.give(ADA, Permission.READ, THREE)
    await syncing.house.link(ada, ADA)

    await syncing.start()

    assert ("proxy:issues", "3") in await syncing.rows()


async def test_another_source_takes_the_place_of_the_first(syncing: Syncing) -> None:
    await link_ada(syncing)
    await syncing.start()

    syncing.plan = SyncPlan(source=SyncSource.PROXY, models=MODELS, chosen=["acme/repository-1"])
    await syncing.settle()
    assert [*await syncing.rows()] == [("proxy:pulls", "1"), ("proxy:commits", "1")]

    syncing.plan = NANGO
    await syncing.settle()
    assert [*await syncing.rows()] == [("PullRequest", "base"), ("Commit", "base")]


async def test_a_sync_that_is_named_no_more_is_read_no_more_and_the_variants_of_the_others_are(
    syncing: Syncing,
) -> None:
    await link_ada(syncing)
    await syncing.start()
    async with syncing.house.begin_work() as work:
        variant = SyncKey(connection_id=syncing.connection_id, model="PullRequest", variant="of a team")
        await work.syncs.make(variant, ACME, syncing.house.clock.now(), None)

    syncing.plan = SyncPlan(models={"pull_requests": "PullRequest", "issues": "Issue"})
    await syncing.settle()

    assert [*await syncing.rows()] == [("PullRequest", "base"), ("PullRequest", "of a team"), ("Issue", "base")]


async def test_without_names_nothing_is_synced(syncing: Syncing) -> None:
    await link_ada(syncing)
    await syncing.start()

    syncing.plan = SyncPlan(models={})
    await syncing.settle()

    assert await syncing.rows() == {}
    assert syncing.control.calls["tell_repositories"] == 1
