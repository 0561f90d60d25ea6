"""Operators list, show, count and replay deliveries, and in time they are forgotten."""

from datetime import timedelta

import pytest

from application.deliveries.count_deliveries import CountDeliveries
from application.deliveries.list_deliveries import ListDeliveries
from application.deliveries.replay_deliveries import AT_ONCE, ReplayDeliveries
from application.deliveries.show_delivery import ShowDelivery
from application.forget_expired import DELIVERIES_AT_ONCE
from domain.delivery import DeliveryId, DeliveryState, Json
from domain.errors import DeliveryNotFound
from tests.application.house import MONTH, House
from tests.builders import a_delivery
from tests.fakes.clock import NOON, FakeClock
from tests.fakes.deliveries import StoredDelivery
from tests.fakes.unit_of_work import BeginInMemoryWork

UNKNOWN = DeliveryId(987654321)


@pytest.fixture
def work() -> BeginInMemoryWork:
    return BeginInMemoryWork()


@pytest.fixture
def replay(work: BeginInMemoryWork) -> ReplayDeliveries:
    return ReplayDeliveries(begin_work=work, clock=FakeClock())


def stored(work: BeginInMemoryWork, state: DeliveryState, body: Json = None) -> DeliveryId:
    rows = work.tables.deliveries
    delivery_id = DeliveryId(len(rows) + 1)
    delivery = a_delivery(body or {"n": delivery_id})
    rows[delivery_id] = StoredDelivery(delivery, due_at=NOON, state=state, tries=1, note="a bug", closed_at=NOON)
    return delivery_id


async def test_those_of_one_state_are_listed(work: BeginInMemoryWork) -> None:
    held = stored(work, DeliveryState.HELD)
    done = stored(work, DeliveryState.DONE)
    list_deliveries = ListDeliveries(begin_work=work)

    assert [summary.id for summary in await list_deliveries(DeliveryState.HELD, 10)] == [held]
    assert [summary.id for summary in await list_deliveries(None, 1)] == [done]


async def test_one_is_shown_with_its_body(work: BeginInMemoryWork) -> None:
    held = stored(work, DeliveryState.HELD, {"secret_ingredient": None})
    show_delivery = ShowDelivery(begin_work=work)

    assert (await show_delivery(held)).body == {"secret_ingredient": None}
    with pytest.raises(DeliveryNotFound, match=str(UNKNOWN)):
        await show_delivery(UNKNOWN)


async def test_they_are_counted(work: BeginInMemoryWork) -> None:
    stored(work, DeliveryState.HELD)

    assert (await CountDeliveries(begin_work=work)()).held == 1


async def test_what_is_closed_waits_again_and_what_is_not_says_why(
    work: BeginInMemoryWork, replay: ReplayDeliveries
) -> None:
    held, done = stored(work, DeliveryState.HELD, {"equal": 1}), stored(work, DeliveryState.DONE)
    waiting = stored(work, DeliveryState.WAITING)
    equal = stored(work, DeliveryState.IGNORED, {"equal": 1})

    outcomes = {one.id: one.obstacle async for one in replay([held, done, waiting, equal, UNKNOWN])}

    assert outcomes == {
        held: None,
        done: None,
        waiting: "it waits already",
        equal: "an equal one waits already",
        UNKNOWN: "there is no such delivery",
    }
    assert {row.state for row in work.tables.deliveries.values()} == {DeliveryState.WAITING, DeliveryState.IGNORED}


async def test_all_that_are_held_are_replayed_however_many(work: BeginInMemoryWork, replay: ReplayDeliveries) -> None:
    held = {stored(work, DeliveryState.HELD) for _ in range(AT_ONCE + 7)}
    done = stored(work, DeliveryState.DONE)

    assert {one.id async for one in replay.all_held()} == held
    assert {row.state for row in work.tables.deliveries.values()} == {DeliveryState.WAITING, DeliveryState.DONE}
    assert work.tables.deliveries[done].state is DeliveryState.DONE


async def test_those_that_cannot_be_replayed_do_not_hide_older_ones(
    work: BeginInMemoryWork, replay: ReplayDeliveries
) -> None:
    older = stored(work, DeliveryState.HELD)
    for _ in range(AT_ONCE + 1):
        stored(work, DeliveryState.HELD, {"equal": 1})

    obstacles = {one.id: one.obstacle async for one in replay.all_held()}

    assert obstacles[older] is None
    assert list(obstacles.values()).count("an equal one waits already") == AT_ONCE


async def test_one_that_is_held_again_at_once_is_replayed_once(
    work: BeginInMemoryWork, replay: ReplayDeliveries
) -> None:
    held = stored(work, DeliveryState.HELD)
    replayed: list[DeliveryId] = []

    async for one in replay.all_held():
        replayed.append(one.id)
        work.tables.deliveries[one.id].state = DeliveryState.HELD

    assert replayed == [held]


async def test_what_was_done_is_forgotten_after_as_long_as_was_set_however_many_there_are(house: House) -> None:
    work = house.begin_work
    for _ in range(2 * DELIVERIES_AT_ONCE + 1):
        stored(work, DeliveryState.DONE)
    held = stored(work, DeliveryState.HELD)
    house.work_log.entries = 3

    house.clock.advance(MONTH)
    await house.forget_expired()
    kept = len(work.tables.deliveries)
    house.clock.advance(timedelta(seconds=1))
    await house.forget_expired()

    assert kept == 2 * DELIVERIES_AT_ONCE + 2
    assert list(work.tables.deliveries) == [held]
    assert house.work_log.entries == 0
