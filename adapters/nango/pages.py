"""Lists of GitHub's, all pages or nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, TypeVar

from adapters.nango.budget import WINDOW_SECONDS
from adapters.nango.github_documents import Numbered, Page
from domain.errors import UpstreamUnavailable

PAGE_SIZE: Final = 100
AT_ONCE: Final = 10
READINGS: Final = 2
NEXT_WINDOW: Final = timedelta(seconds=WINDOW_SECONDS)

ItemT = TypeVar("ItemT", bound=Numbered)
PageT = TypeVar("PageT")


async def all_pages(read: Callable[[int], Awaitable[Page[ItemT]]], room: Callable[[], int]) -> list[ItemT]:
    """Read every page and return the items in the order of their ids; `room` tells how many calls are left.

    The first page is number 1 and says how many items there are. Where the pages disagree, as the list changed
    meanwhile, all are read once more.
    """
    for _ in range(READINGS):
        items = await _read_all(read, room)
        if items is not None:
            return items
    raise UpstreamUnavailable("GitHub's list changed while it was read")


async def _read_all(read: Callable[[int], Awaitable[Page[ItemT]]], room: Callable[[], int]) -> list[ItemT] | None:
    first = await read(1)
    count = -(-first.total_count // PAGE_SIZE)
    if count - 1 > room():
        # A part of it would be of no use, and others need the calls.
        raise UpstreamUnavailable(f"GitHub's list has {count} pages, more than can be read now", NEXT_WINDOW)
    pages = [first, *await side_by_side(read, range(2, count + 1))]
    items = {item.id: item for page in pages for item in page.items}
    if any(page.total_count != first.total_count for page in pages) or len(items) != first.total_count:
        return None
    if sum(len(page.items) for page in pages) != len(items):
        return None
    return [items[number] for number in sorted(items)]


async def side_by_side(read: Callable[[int], Awaitable[PageT]], numbers: range) -> list[PageT]:
    """Read several pages at once; the first failure ends all, and is raised by itself."""
    free = asyncio.Semaphore(AT_ONCE)

    async def read_one(number: int) -> PageT:
        async with free:
            return await read(number)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(read_one(number)) for number in numbers]
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]
