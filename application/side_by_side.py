"""Several calls at the same time, and not too many."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")


async def side_by_side(calls: Iterable[Callable[[], Awaitable[T]]], at_once: int) -> Sequence[T]:
    """Return their results in order; the first failure cancels the others and is raised as it is."""
    room = asyncio.Semaphore(at_once)

    async def one(call: Callable[[], Awaitable[T]]) -> T:
        async with room:
            return await call()

    try:
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(one(call)) for call in calls]
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in running]
