"""What every `DeliveryIntake` does; what becomes of it then is in the tests of `Deliveries`."""

import asyncio
from collections import Counter
from datetime import timedelta

from application.ports.delivery_intake import DeliveryIntake
from application.ports.unit_of_work import BeginWork
from domain.delivery import Delivery
from tests.builders import a_delivery
from tests.fakes.clock import NOON

MINUTE = timedelta(minutes=1)


async def claimed(begin_work: BeginWork) -> list[Delivery]:
    """Take all that waits."""
    taken: list[Delivery] = []
    async with begin_work() as work:
        while delivery := await work.deliveries.claim(NOON, lease_until=NOON + MINUTE):
            taken.append(delivery)
    return taken


async def accept_all(intake: DeliveryIntake, numbers: list[int]) -> None:
    async with asyncio.TaskGroup() as tasks:
        for number in numbers:
            tasks.create_task(intake.accept(a_delivery({"n": number})))


async def test_what_is_accepted_waits(begin_work: BeginWork, intake: DeliveryIntake) -> None:
    await intake.accept(a_delivery({"n": 1}))

    assert [delivery.body for delivery in await claimed(begin_work)] == [{"n": 1}]


async def test_what_arrives_together_is_kept_each_once(begin_work: BeginWork, intake: DeliveryIntake) -> None:
    await accept_all(intake, [*range(500), *range(100, 200)])

    assert Counter(str(delivery.body) for delivery in await claimed(begin_work)) == Counter(
        str({"n": number}) for number in range(500)
    )


async def test_an_equal_one_is_a_new_one_once_the_first_was_tried(
    begin_work: BeginWork, intake: DeliveryIntake
) -> None:
    await accept_all(intake, [1, 1, 1])
    assert len(await claimed(begin_work)) == 1

    await accept_all(intake, [1, 1])

    assert len(await claimed(begin_work)) == 1


async def test_a_sender_that_gives_up_takes_nobody_along(begin_work: BeginWork, intake: DeliveryIntake) -> None:
    senders = [asyncio.create_task(intake.accept(a_delivery({"n": number}))) for number in range(50)]
    await asyncio.sleep(0)
    for sender in senders[::7]:
        sender.cancel()

    results = await asyncio.gather(*senders, return_exceptions=True)

    kept = {str(delivery.body) for delivery in await claimed(begin_work)}
    assert all(str({"n": number}) in kept for number, result in enumerate(results) if result is None)
