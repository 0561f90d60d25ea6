"""One run at a time, which waits for calls and ends where there is no use."""

import asyncio
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from itertools import cycle
from uuid import UUID

import pytest

from application.ports.reconcile_runs import RunId
from application.reconcile.lease import LEASE
from application.reconcile.reconcile_logins import MOST_OUTAGES, RETRY_AFTER
from domain.attempt import LIFETIME
from domain.connection import ConnectionState, EndUserId
from domain.errors import UpstreamUnavailable
from domain.reconcile import FindingKind
from domain.user import GitHubId, UserId
from tests.application.house import PERIOD, House
from tests.application.reconciling import (
    FAILED,
    HEALED,
    LEFT,
    MINUTE,
    POSTPONED,
    by_cookie,
    connected_by_popup,
    outcomes,
    reconcile_while,
    sign_in_many,
)
from tests.builders import ADA, GRACE


async def test_where_nothing_differs_it_costs_one_call_and_changes_nothing(house: House) -> None:
    await house.sign_in(ADA)
    await house.sign_in(GRACE)
    before, calls = deepcopy(house.begin_work.tables.connections), house.nango.calls.copy()
    house.clock.advance(MINUTE)

    assert await house.reconcile() == []

    assert house.nango.calls - calls == {"list_page": 1}
    assert house.begin_work.tables.connections == before


async def test_the_last_connection_that_works_is_not_deleted_for_one_that_does_not(house: House) -> None:
    collected = await house.sign_in(ADA)
    [ours] = house.nango_connections
    house.nango.connect(EndUserId(str(collected.user_id)), ADA)
    ours.is_broken = True
    house.clock.advance(MINUTE)
    house.nango.fail("read", UpstreamUnavailable("away"))

    assert outcomes(await house.reconcile()) == [(FindingKind.RECHECK, POSTPONED), (FindingKind.DELETE, LEFT)]
    assert len(house.nango_connections) == 2
    assert outcomes(await house.reconcile()) == [(FindingKind.RECHECK, HEALED), (FindingKind.DELETE, HEALED)]

    [survivor] = house.nango_connections
    assert survivor is not ours
    assert [(row.id, row.state) for row in house.connections] == [(survivor.id, ConnectionState.LIVE)]


@pytest.mark.parametrize("damage", ["is_broken", "is_revoked"])
async def test_a_connection_that_broke_and_one_that_works_again(house: House, damage: str) -> None:
    await house.sign_in(ADA)
    [connection] = house.nango_connections
    house.clock.advance(MINUTE)
    setattr(connection, damage, True)
    await house.reconcile()
    # What GitHub revoked Nango does not know: nobody asks for it in vain.
    assert house.connections[0].state is (ConnectionState.BROKEN if damage == "is_broken" else ConnectionState.LIVE)

    setattr(connection, damage, False)
    house.clock.advance(MINUTE)
    treated = await house.reconcile()

    [row] = house.connections
    assert (row.state, row.last_error) == (ConnectionState.LIVE, None)
    assert outcomes(treated) == ([(FindingKind.REVISIT, HEALED)] if damage == "is_broken" else [])


async def test_after_a_restored_backup_the_newer_connection_takes_the_place_of_the_one_that_is_gone(
    house: House,
) -> None:
    await house.sign_in(ADA)
    backup = deepcopy(house.begin_work.tables)
    await house.sign_in(ADA)
    [newer] = house.nango_connections
    house.begin_work.tables = backup
    house.clock.advance(MINUTE)

    treated = await house.reconcile()

    assert outcomes(treated) == [(FindingKind.RECHECK, HEALED), (FindingKind.DELETE, HEALED)]
    assert house.nango_connections == [newer]
    assert [(row.id, row.state) for row in house.connections] == [(newer.id, ConnectionState.LIVE)]


async def test_comparing_alone_changes_nothing() -> None:
    house = by_cookie()
    await connected_by_popup(house)
    gone, kept = await house.sign_in(GRACE), await house.sign_in(replace(ADA, id=GRACE.id, login="other"))
    house.nango.connect(EndUserId(str(kept.user_id)), ADA)
    house.nango.connect(None, ADA)
    house.nango.connect(EndUserId(str(UserId(gone.user_id))), ADA)
    house.clock.advance(LIFETIME)
    before = deepcopy((house.begin_work.tables, house.nango.connections))

    found = await house.find()

    assert {kind for kind, _ in found} == {FindingKind.DELETE, FindingKind.FOREIGN}
    assert before == (house.begin_work.tables, house.nango.connections)


async def test_what_one_run_does_not_keep_is_counted_and_left_for_the_next(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("application.reconcile.compared.MOST_OF_A_KIND", 2)
    await sign_in_many(house, 3)
    house.nango.connections.clear()

    first = await house.reconcile_logins(is_wanted=True)
    second = await house.reconcile_logins(is_wanted=True)

    assert first is not None
    assert second is not None
    assert (first.compared.counts, first.treated) == ({FindingKind.RECHECK: 3}, {HEALED: 2})
    assert (first.is_complete, second.is_complete) == (False, True)
    assert not house.connections


async def test_of_those_that_are_broken_only_here_a_few_are_looked_at_those_longest_ago_first(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("application.reconcile.compared.MOST_REVISITS", 2)
    await sign_in_many(house, 3)
    rows = house.begin_work.tables.connections
    for age, row in zip((2, 1, 3), house.connections, strict=True):
        rows[row.id] = row.broken("revoked", house.clock.now() - age * MINUTE)
        house.nango.connections[row.id].is_revoked = True
    [middle, newest, oldest] = rows

    looked_at = [[one.finding.connection_id for one in await house.reconcile()]]
    house.clock.advance(MINUTE)
    looked_at.append([one.finding.connection_id for one in await house.reconcile()])

    assert looked_at == [[oldest, middle], [newest, oldest]]


async def test_it_waits_for_calls_and_goes_on_where_it_was(house: House) -> None:
    for number in range(3):
        await house.sign_in(replace(ADA, id=GitHubId(number + 1)))
    for connection in house.nango_connections:
        connection.is_broken = True
    house.clock.advance(MINUTE)
    house.nango.fail("list_page", UpstreamUnavailable("no calls are left", timedelta(seconds=40)))
    house.nango.fail("read", UpstreamUnavailable("no calls are left", timedelta(seconds=50)), times=2)

    treated = await house.reconcile()

    assert outcomes(treated) == [(FindingKind.RECHECK, HEALED)] * 3
    assert house.slept == [40.1, 50.1, 50.1]
    assert {row.state for row in house.connections} == {ConnectionState.BROKEN}


async def test_a_pause_that_one_persons_token_needs_holds_nobody_else_up(house: House) -> None:
    for number in range(2):
        await house.sign_in(replace(ADA, id=GitHubId(number + 1)))
    for connection in house.nango_connections:
        connection.end_user_id = EndUserId("a stranger")
    house.clock.advance(MINUTE)
    house.nango.fail("behind", UpstreamUnavailable("GitHub's limit", timedelta(hours=1)))

    assert outcomes(await house.reconcile()) == [(FindingKind.REASSIGN, POSTPONED), (FindingKind.REASSIGN, HEALED)]
    assert house.slept == []


async def test_an_outage_ends_the_run_before_everything_was_tried(house: House) -> None:
    for number in range(MOST_OUTAGES + 3):
        await house.sign_in(replace(ADA, id=GitHubId(number + 1)))
    house.nango.connections.clear()
    house.clock.advance(MINUTE)
    house.nango.fail("read", times=100)

    house.nango.connect(None, ADA)

    treated = [one.treatment for one in await house.reconcile()]

    assert treated == [POSTPONED] * (MOST_OUTAGES + 3) + [LEFT]
    assert house.nango.calls["read"] == 2 * MOST_OUTAGES + 3
    assert len(house.connections) == MOST_OUTAGES + 3


async def test_only_outages_in_a_row_end_the_run(house: House) -> None:
    await sign_in_many(house, 2 * MOST_OUTAGES)
    house.nango.connections.clear()
    turns = cycle([True, False])

    def fail_every_other() -> None:
        if next(turns):
            house.nango.fail("read")

    treated = await reconcile_while(house, fail_every_other)

    assert treated == [POSTPONED, HEALED] * MOST_OUTAGES


async def test_a_bug_over_one_object_is_told_and_stops_no_other(house: House) -> None:
    for number in range(3):
        await house.sign_in(replace(ADA, id=GitHubId(number + 1)))
    house.nango.connections.clear()
    house.clock.advance(MINUTE)
    house.nango.fail("read", RuntimeError("bug"))  # pyright: ignore[reportArgumentType] - what nobody planned

    treated = await house.reconcile()

    assert [one.treatment for one in treated] == [FAILED, HEALED, HEALED]
    assert isinstance(treated[0].error, RuntimeError)


async def test_it_runs_when_it_is_due_and_not_before(house: House) -> None:
    assert await house.reconcile_logins() is not None
    assert await house.reconcile_logins() is None
    house.clock.advance(PERIOD - timedelta(seconds=1))
    assert await house.reconcile_logins() is None
    house.clock.advance(timedelta(seconds=1))

    assert await house.reconcile_logins() is not None


@pytest.mark.parametrize(("spread", "least"), [(0.0, PERIOD * 0.9), (1.0, PERIOD * 1.1)])
async def test_runs_are_spread_around_the_period(house: House, spread: float, least: timedelta) -> None:
    runs = replace(house.reconcile_logins, spread=lambda: spread)
    await runs()

    [stored] = house.begin_work.tables.reconcile_runs
    assert stored.due_at - house.clock.now() == least


async def test_one_that_failed_is_tried_again_soon(house: House) -> None:
    house.nango.fail("list_page")
    with pytest.raises(UpstreamUnavailable):
        await house.reconcile_logins()

    assert await house.reconcile_logins() is None
    house.clock.advance(RETRY_AFTER)
    assert await house.reconcile_logins() is not None


async def test_one_that_is_told_to_stop_makes_way_at_once(house: House) -> None:
    house.nango.fail("list_page", UpstreamUnavailable("no calls are left", timedelta(seconds=40)))
    waiting = asyncio.Event()

    async def sleep(_: float) -> None:
        waiting.set()
        await asyncio.Event().wait()

    run = asyncio.create_task(replace(house.reconcile_logins, sleep=sleep)())
    await waiting.wait()
    assert await house.reconcile_logins(is_wanted=True) is None
    run.cancel()
    await asyncio.wait([run])

    assert await house.reconcile_logins() is not None


async def test_one_that_was_taken_for_dead_while_it_heals_stops(house: House) -> None:
    await sign_in_many(house, 2)
    house.nango.connections.clear()
    run = house.begin_work.tables.reconcile_runs

    def take_over() -> None:
        house.clock.advance(LEASE)
        run[0].run_id = RunId(UUID(int=0))

    with pytest.raises(UpstreamUnavailable, match="taken this run over"):
        await reconcile_while(house, take_over)

    assert len(house.connections) == 1


async def test_one_that_was_taken_for_dead_stops(house: House) -> None:
    await house.sign_in(ADA)
    house.nango.connections.clear()
    house.clock.advance(MINUTE)
    house.nango.fail("list_page", UpstreamUnavailable("no calls are left", timedelta(seconds=40)))

    async def hang(_: float) -> None:
        house.clock.advance(LEASE)
        assert await house.reconcile_logins() is not None
        house.clock.advance(MINUTE)

    with pytest.raises(UpstreamUnavailable, match="taken this run over"):
        await replace(house.reconcile_logins, sleep=hang)()
