"""A worker goes on after a failure, and stops when it is told to."""

import asyncio

from domain.errors import UpstreamUnavailable
from entrypoints.worker import Worker


class Queue:
    """Works until told to stop."""

    def __init__(self) -> None:
        self.began = asyncio.Event()
        self.ended = False

    async def work(self, stop: asyncio.Event) -> None:
        self.began.set()
        await stop.wait()
        self.ended = True


class Chore:
    def __init__(self, error: Exception | None = None) -> None:
        self.count = 0
        self.error = error

    async def __call__(self) -> None:
        self.count += 1
        if self.error:
            raise self.error


async def test_a_chore_that_fails_stops_neither_the_others_nor_the_worker() -> None:
    queue, puller = Queue(), Queue()
    outage, bug, forget = Chore(UpstreamUnavailable("away")), Chore(RuntimeError("bug")), Chore()
    settle, renew, start = Chore(UpstreamUnavailable("away")), Chore(RuntimeError("bug")), Chore(RuntimeError("bug"))
    delete = Chore(UpstreamUnavailable("away"))
    reconcile, mode, requeue = Chore(RuntimeError("bug")), Chore(UpstreamUnavailable("away")), Chore()
    worker = Worker(
        delivery_worker=queue,  # pyright: ignore[reportArgumentType] - stands in for the real one
        record_puller=puller,  # pyright: ignore[reportArgumentType]
        sweep_attempts=outage,  # pyright: ignore[reportArgumentType]
        settle_connections=bug,  # pyright: ignore[reportArgumentType]
        settle_installations=settle,  # pyright: ignore[reportArgumentType]
        renew_due=renew,  # pyright: ignore[reportArgumentType]
        start_syncs=start,  # pyright: ignore[reportArgumentType]
        delete_unused=delete,  # pyright: ignore[reportArgumentType]
        forget_expired=forget,  # pyright: ignore[reportArgumentType]
        requeue_stranded=requeue,  # pyright: ignore[reportArgumentType]
        reconcile=reconcile,  # pyright: ignore[reportArgumentType]
        log_mode=mode,  # pyright: ignore[reportArgumentType]
    )

    async with asyncio.timeout(5):
        async with worker.running():
            await queue.began.wait()
            await puller.began.wait()

    assert (outage.count, bug.count, forget.count, reconcile.count, mode.count, requeue.count) == (1,) * 6
    assert (settle.count, renew.count, start.count, delete.count) == (1,) * 4
    assert queue.ended
