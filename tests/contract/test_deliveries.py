"""What every `Deliveries` does."""

import asyncio
from datetime import datetime, timedelta

from application.ports.delivery_intake import DeliveryIntake
from application.ports.unit_of_work import BeginWork
from domain.delivery import Delivery, DeliveryKind, DeliveryState, Json
from tests.builders import a_delivery
from tests.fakes.clock import NOON

SECOND = timedelta(seconds=1)


async def claim(begin_work: BeginWork, now: datetime = NOON) -> Delivery | None:
    async with begin_work() as work:
        return await work.deliveries.claim(now, lease_until=now + 60 * SECOND)


async def test_a_delivery_is_claimed_as_it_was_accepted(begin_work: BeginWork, intake: DeliveryIntake) -> None:
    body: dict[str, Json] = {"type": "auth", "connectionId": "c", "nested": [1, 2.5, None, "\u00e9\x00"]}
    await intake.accept(a_delivery(body))

    claimed = await claim(begin_work)

    assert claimed is not None
    assert (claimed.kind, claimed.tries) == (DeliveryKind.AUTH, 1)
    assert claimed.body == {**body, "nested": [1, 2.5, None, "\u00e9\N{REPLACEMENT CHARACTER}"]}


async def test_the_oldest_that_is_due_comes_first(begin_work: BeginWork, intake: DeliveryIntake) -> None:
    await intake.accept(a_delivery({"n": 2}, at=NOON + SECOND))
    await intake.accept(a_delivery({"n": 1}))
    await intake.accept(a_delivery({"n": 3}, at=NOON + 9 * SECOND))

    bodies = [claimed.body for _ in range(3) if (claimed := await claim(begin_work, NOON + 2 * SECOND))]

    assert bodies == [{"n": 1}, {"n": 2}]


async def test_equal_deliveries_are_one_while_the_first_waits_untried(
    begin_work: BeginWork, intake: DeliveryIntake
) -> None:
    await intake.accept(a_delivery({"n": 1}))
    await intake.accept(a_delivery({"n": 1}))
    await intake.accept(a_delivery({"n": 2}))
    first, second = await claim(begin_work), await claim(begin_work)
    assert first is not None
    assert second is not None
    assert {str(first.body), str(second.body)} == {"{'n': 1}", "{'n': 2}"}
    assert await claim(begin_work) is None

    await intake.accept(a_delivery({"n": 1}))

    again = await claim(begin_work)
    assert again is not None
    assert again.id != first.id


async def test_a_claimed_delivery_is_nobody_elses_until_its_lease_ends(
    begin_work: BeginWork, intake: DeliveryIntake
) -> None:
    await intake.accept(a_delivery())
    first = await claim(begin_work)
    assert first is not None

    assert await claim(begin_work, NOON + 59 * SECOND) is None
    again = await claim(begin_work, NOON + 60 * SECOND)

    assert again is not None
    assert (again.id, again.tries) == (first.id, 2)


async def test_many_claims_at_once_get_each_delivery_once(begin_work: BeginWork, intake: DeliveryIntake) -> None:
    for number in range(10):
        await intake.accept(a_delivery({"n": number}))

    async with asyncio.TaskGroup() as tasks:
        claims = [tasks.create_task(claim(begin_work)) for _ in range(10)]

    assert len({claimed.id for task in claims if (claimed := task.result())}) == 10


async def test_a_closed_delivery_is_not_claimed_again(begin_work: BeginWork, intake: DeliveryIntake) -> None:
    await intake.accept(a_delivery())
    claimed = await claim(begin_work)
    assert claimed is not None

    async with begin_work() as work:
        await work.deliveries.close(claimed.id, DeliveryState.DONE, "read back", NOON)
        await work.deliveries.postpone(claimed.id, NOON, "too late")

    assert await claim(begin_work, NOON + 3600 * SECOND) is None


async def test_a_postponed_delivery_waits_until_then(begin_work: BeginWork, intake: DeliveryIntake) -> None:
    await intake.accept(a_delivery())
    claimed = await claim(begin_work)
    assert claimed is not None

    async with begin_work() as work:
        await work.deliveries.postpone(claimed.id, NOON + 5 * SECOND, "Nango was away")

    assert await claim(begin_work, NOON + 4 * SECOND) is None
    assert await claim(begin_work, NOON + 5 * SECOND) is not None


async def test_what_was_done_or_ignored_is_forgotten_and_what_is_held_is_kept(
    begin_work: BeginWork, intake: DeliveryIntake
) -> None:
    states = [DeliveryState.DONE, DeliveryState.IGNORED, DeliveryState.HELD]
    for state in states:
        await intake.accept(a_delivery({"state": state}))
        async with begin_work() as work:
            delivery = await work.deliveries.claim(NOON, NOON)
            assert delivery is not None
            await work.deliveries.close(delivery.id, state, "note", NOON)
    await intake.accept(a_delivery())

    async with begin_work() as work:
        assert await work.deliveries.forget_before(NOON) == 0
        assert await work.deliveries.forget_before(NOON + SECOND) == 2
        assert await work.deliveries.claim(NOON, NOON) is not None
