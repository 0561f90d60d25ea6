"""What every `Deliveries` does."""

import asyncio
from datetime import timedelta

from application.ports.delivery_intake import DeliveryIntake
from application.ports.unit_of_work import BeginWork
from domain.delivery import (
    Delivery,
    DeliveryBacklog,
    DeliveryDetails,
    DeliveryId,
    DeliveryKind,
    DeliveryState,
    DeliveryStats,
    DeliverySummary,
    Json,
)
from tests.builders import a_delivery
from tests.fakes.clock import NOON

SECOND = timedelta(seconds=1)
UNKNOWN = DeliveryId(987654321)


async def accepted(begin_work: BeginWork, intake: DeliveryIntake, body: Json = None) -> DeliveryId:
    """Accept a delivery, and tell its id."""
    await intake.accept(a_delivery(body))
    async with begin_work() as work:
        [newest] = await work.deliveries.list(None, limit=1)
    return newest.id


async def begin(begin_work: BeginWork, delivery_id: DeliveryId) -> Delivery | None:
    async with begin_work() as work:
        return await work.deliveries.begin(delivery_id)


async def close(
    begin_work: BeginWork, delivery_id: DeliveryId, state: DeliveryState = DeliveryState.DONE, note: str = "read back"
) -> None:
    async with begin_work() as work:
        await work.deliveries.close(delivery_id, state, note, NOON)


async def listed(begin_work: BeginWork, state: DeliveryState | None = None, limit: int = 100) -> list[DeliverySummary]:
    async with begin_work() as work:
        return list(await work.deliveries.list(state, limit))


async def found(begin_work: BeginWork, delivery_id: DeliveryId) -> DeliveryDetails:
    async with begin_work() as work:
        details = await work.deliveries.find(delivery_id)
    assert details is not None
    return details


async def reopen(begin_work: BeginWork, delivery_id: DeliveryId) -> bool:
    async with begin_work() as work:
        return await work.deliveries.reopen(delivery_id, NOON + SECOND)


async def test_a_delivery_is_begun_as_it_was_accepted(begin_work: BeginWork, intake: DeliveryIntake) -> None:
    body: dict[str, Json] = {"type": "auth", "connectionId": "c", "nested": [1, 2.5, None, "\u00e9\x00"]}
    begun = await begin(begin_work, await accepted(begin_work, intake, body))

    assert begun is not None
    assert (begun.kind, begun.tries, begun.received_at) == (DeliveryKind.AUTH, 1, NOON)
    assert begun.headers == {"X-GitHub-Event": "ping"}
    assert begun.body == {**body, "nested": [1, 2.5, None, "\u00e9\N{REPLACEMENT CHARACTER}"]}


async def test_each_beginning_is_a_try(begin_work: BeginWork, intake: DeliveryIntake) -> None:
    delivery_id = await accepted(begin_work, intake)
    await begin(begin_work, delivery_id)

    again = await begin(begin_work, delivery_id)

    assert again is not None
    assert again.tries == 2


async def test_what_is_closed_or_unknown_cannot_be_begun(begin_work: BeginWork, intake: DeliveryIntake) -> None:
    delivery_id = await accepted(begin_work, intake)
    await close(begin_work, delivery_id)

    assert await begin(begin_work, delivery_id) is None
    assert await begin(begin_work, UNKNOWN) is None


async def test_equal_deliveries_are_one_while_the_first_waits_untried(
    begin_work: BeginWork, intake: DeliveryIntake
) -> None:
    first = await accepted(begin_work, intake, {"n": 1})
    assert await accepted(begin_work, intake, {"n": 1}) == first
    assert (await found(begin_work, first)).summary.received == 2

    await begin(begin_work, first)

    assert await accepted(begin_work, intake, {"n": 1}) != first


async def test_a_closed_delivery_stays_as_it_was_closed(begin_work: BeginWork, intake: DeliveryIntake) -> None:
    delivery_id = await accepted(begin_work, intake)
    await close(begin_work, delivery_id)

    await close(begin_work, delivery_id, DeliveryState.HELD, "too late")
    async with begin_work() as work:
        await work.deliveries.postpone(delivery_id, NOON, "too late")

    summary = (await found(begin_work, delivery_id)).summary
    assert (summary.state, summary.note, summary.closed_at) == (DeliveryState.DONE, "read back", NOON)


async def test_a_postponed_delivery_says_until_when_and_why(begin_work: BeginWork, intake: DeliveryIntake) -> None:
    delivery_id = await accepted(begin_work, intake)

    async with begin_work() as work:
        await work.deliveries.postpone(delivery_id, NOON + 5 * SECOND, "Nango was away")

    summary = (await found(begin_work, delivery_id)).summary
    assert (summary.state, summary.due_at, summary.note) == (
        DeliveryState.WAITING,
        NOON + 5 * SECOND,
        "Nango was away",
    )


async def test_the_newest_are_listed_first_and_by_state(begin_work: BeginWork, intake: DeliveryIntake) -> None:
    first, second, third = [await accepted(begin_work, intake, {"n": number}) for number in range(3)]
    await close(begin_work, second, DeliveryState.HELD)

    assert [summary.id for summary in await listed(begin_work)] == [third, second, first]
    assert [summary.id for summary in await listed(begin_work, limit=2)] == [third, second]
    assert [summary.id for summary in await listed(begin_work, DeliveryState.WAITING)] == [third, first]
    assert [summary.id for summary in await listed(begin_work, DeliveryState.HELD)] == [second]


async def test_the_details_have_the_body_and_the_headers(begin_work: BeginWork, intake: DeliveryIntake) -> None:
    details = await found(begin_work, await accepted(begin_work, intake, {"n": 1}))

    assert details.body == {"n": 1}
    assert details.headers == {"X-GitHub-Event": "ping"}
    async with begin_work() as work:
        assert await work.deliveries.find(UNKNOWN) is None


async def test_a_closed_delivery_may_be_reopened_and_begins_anew(begin_work: BeginWork, intake: DeliveryIntake) -> None:
    delivery_id = await accepted(begin_work, intake)
    await begin(begin_work, delivery_id)
    await close(begin_work, delivery_id, DeliveryState.HELD)

    assert await reopen(begin_work, delivery_id)

    summary = (await found(begin_work, delivery_id)).summary
    assert (summary.state, summary.tries, summary.due_at) == (DeliveryState.WAITING, 0, NOON + SECOND)
    assert (summary.note, summary.closed_at) == (None, None)
    assert await begin(begin_work, delivery_id) is not None


async def test_what_waits_or_is_unknown_is_not_reopened(begin_work: BeginWork, intake: DeliveryIntake) -> None:
    delivery_id = await accepted(begin_work, intake)

    assert not await reopen(begin_work, delivery_id)
    assert not await reopen(begin_work, UNKNOWN)


async def test_of_equal_deliveries_only_one_waits_after_reopening(
    begin_work: BeginWork, intake: DeliveryIntake
) -> None:
    first = await accepted(begin_work, intake, {"n": 1})
    await close(begin_work, first, DeliveryState.HELD)
    await accepted(begin_work, intake, {"n": 1})

    assert not await reopen(begin_work, first)
    assert (await found(begin_work, first)).summary.state is DeliveryState.HELD


async def test_of_equal_deliveries_reopened_at_once_only_one_waits(
    begin_work: BeginWork, intake: DeliveryIntake
) -> None:
    equal: list[DeliveryId] = []
    for _ in range(8):
        equal.append(await accepted(begin_work, intake, {"n": 1}))
        await close(begin_work, equal[-1], DeliveryState.HELD)

    reopened = await asyncio.gather(*(reopen(begin_work, delivery_id) for delivery_id in equal))

    assert reopened.count(True) == 1
    assert len(await listed(begin_work, DeliveryState.WAITING)) == 1


async def test_the_stats_count_every_arrival(begin_work: BeginWork, intake: DeliveryIntake) -> None:
    states = [DeliveryState.DONE, DeliveryState.IGNORED, DeliveryState.HELD, DeliveryState.HELD]
    for number, state in enumerate(states):
        await close(begin_work, await accepted(begin_work, intake, {"n": number}), state)
    for _ in range(3):
        await accepted(begin_work, intake, {"n": "waits"})

    async with begin_work() as work:
        stats = await work.deliveries.stats()
        backlog = await work.deliveries.backlog()

    assert stats == DeliveryStats(received=7, merged=2, waiting=1, done=1, ignored=1, held=2, oldest_waiting=NOON)
    assert backlog == DeliveryBacklog(waiting=1, held=2, oldest_waiting=NOON)


async def test_with_nothing_received_there_is_nothing_to_count(begin_work: BeginWork) -> None:
    async with begin_work() as work:
        stats = await work.deliveries.stats()
        backlog = await work.deliveries.backlog()

    assert (stats.received, stats.oldest_waiting) == (0, None)
    assert backlog == DeliveryBacklog(waiting=0, held=0, oldest_waiting=None)


async def test_what_was_done_or_ignored_is_forgotten_and_what_is_held_or_waits_is_kept(
    begin_work: BeginWork, intake: DeliveryIntake
) -> None:
    for state in (DeliveryState.DONE, DeliveryState.IGNORED, DeliveryState.HELD):
        await close(begin_work, await accepted(begin_work, intake, {"state": state}), state)
    await accepted(begin_work, intake)

    async with begin_work() as work:
        assert await work.deliveries.forget_before(NOON, limit=10) == 0
        assert await work.deliveries.forget_before(NOON + SECOND, limit=10) == 2

    assert [summary.state for summary in await listed(begin_work)] == [DeliveryState.WAITING, DeliveryState.HELD]


async def test_no_more_are_forgotten_at_once_than_asked(begin_work: BeginWork, intake: DeliveryIntake) -> None:
    for number in range(5):
        await close(begin_work, await accepted(begin_work, intake, {"n": number}))

    async with begin_work() as work:
        forgotten = [await work.deliveries.forget_before(NOON + SECOND, limit=2) for _ in range(4)]

    assert forgotten == [2, 2, 1, 0]


async def test_what_a_worker_will_come_to_is_not_stranded(begin_work: BeginWork, intake: DeliveryIntake) -> None:
    await accepted(begin_work, intake)

    async with begin_work() as work:
        assert await work.deliveries.requeue_stranded(NOON + SECOND, limit=10) == 0


async def test_of_equal_deliveries_the_latest_counts(begin_work: BeginWork, intake: DeliveryIntake) -> None:
    await intake.accept(a_delivery({"n": 1}))
    await intake.accept(a_delivery({"n": 1}, at=NOON + SECOND))

    [summary] = await listed(begin_work)

    # What was read back between the two does not answer the second.
    assert (summary.received, summary.received_at) == (2, NOON + SECOND)
