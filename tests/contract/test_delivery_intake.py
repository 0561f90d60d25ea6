"""What every `DeliveryIntake` does; what becomes of it then is in the tests of `Deliveries`."""

import asyncio
from collections.abc import Iterable

from application.ports.delivery_intake import DeliveryIntake
from application.ports.unit_of_work import BeginWork
from domain.delivery import DeliveryState
from tests.builders import a_delivery


async def received(begin_work: BeginWork) -> dict[str, int]:
    """Tell of all that waits how often it came."""
    counts: dict[str, int] = {}
    async with begin_work() as work:
        for summary in await work.deliveries.list(DeliveryState.WAITING, limit=10_000):
            details = await work.deliveries.find(summary.id)
            assert details is not None
            assert str(details.body) not in counts
            counts[str(details.body)] = summary.received
    return counts


async def accept_all(intake: DeliveryIntake, numbers: Iterable[int]) -> None:
    async with asyncio.TaskGroup() as tasks:
        for number in numbers:
            tasks.create_task(intake.accept(a_delivery({"n": number})))


async def test_what_is_accepted_waits(begin_work: BeginWork, intake: DeliveryIntake) -> None:
    await intake.accept(a_delivery({"n": 1}))

    assert await received(begin_work) == {"{'n': 1}": 1}


async def test_what_arrives_together_is_kept_each_once(begin_work: BeginWork, intake: DeliveryIntake) -> None:
    await accept_all(intake, [*range(300), *range(100, 200)])

    assert await received(begin_work) == {str({"n": n}): 2 if 100 <= n < 200 else 1 for n in range(300)}


async def test_a_sender_that_gives_up_takes_nobody_along(begin_work: BeginWork, intake: DeliveryIntake) -> None:
    senders = [asyncio.create_task(intake.accept(a_delivery({"n": number}))) for number in range(50)]
    await asyncio.sleep(0)
    for sender in senders[::7]:
        sender.cancel()

    results = await asyncio.gather(*senders, return_exceptions=True)

    kept = await received(begin_work)
    assert all(str({"n": number}) in kept for number, result in enumerate(results) if result is None)


async def test_of_equal_ones_that_wait_together_only_the_first_is_new(
    begin_work: BeginWork, intake: DeliveryIntake
) -> None:
    together = await asyncio.gather(*(intake.accept(a_delivery({"n": number})) for number in (1, 2, 1, 1)))

    assert together == [True, True, False, False]
    assert not await intake.accept(a_delivery({"n": 2}))
    assert await received(begin_work) == {"{'n': 1}": 3, "{'n': 2}": 2}
