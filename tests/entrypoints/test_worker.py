"""A worker goes on after a failure, and stops when it is told to."""

import asyncio

from application.deliveries.process_delivery import DeliveryProcessed
from domain.delivery import DeliveryId, DeliveryKind, DeliveryState
from domain.errors import UpstreamUnavailable
from entrypoints.worker import Worker

PROCESSED = DeliveryProcessed(id=DeliveryId(1), kind=DeliveryKind.AUTH, state=DeliveryState.DONE, note="read back")


class Backlog:
    """More deliveries than can ever be worked off."""

    def __init__(self) -> None:
        self.count = 0
        self.began = asyncio.Event()

    async def __call__(self) -> DeliveryProcessed:
        self.count += 1
        self.began.set()
        await asyncio.sleep(0)
        return PROCESSED


class Chore:
    def __init__(self, error: Exception | None = None) -> None:
        self.count = 0
        self.error = error

    async def __call__(self) -> None:
        self.count += 1
        if self.error:
            raise self.error


def worker(process_delivery: object, sweep: Chore, settle: Chore, forget: Chore) -> Worker:
    return Worker(
        process_delivery=process_delivery,  # pyright: ignore[reportArgumentType] - stands in for a use case
        sweep_attempts=sweep,  # pyright: ignore[reportArgumentType]
        settle_connections=settle,  # pyright: ignore[reportArgumentType]
        forget_expired=forget,  # pyright: ignore[reportArgumentType]
    )


async def test_a_backlog_does_not_keep_it_from_stopping() -> None:
    backlog = Backlog()

    async with asyncio.timeout(5):
        async with worker(backlog, Chore(), Chore(), Chore()).running():
            await backlog.began.wait()

    done = backlog.count
    await asyncio.sleep(0)
    assert backlog.count == done


async def test_a_chore_that_fails_stops_neither_the_others_nor_the_worker() -> None:
    backlog, outage, bug, forget = Backlog(), Chore(UpstreamUnavailable("away")), Chore(RuntimeError("bug")), Chore()

    async with worker(backlog, outage, bug, forget).running():
        await backlog.began.wait()

    assert (outage.count, bug.count, forget.count) == (1, 1, 1)
