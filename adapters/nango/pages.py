"""Lists of GitHub's, all pages or nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Final, Protocol, TypeVar

from adapters.nango.budget import WINDOW_SECONDS
from adapters.nango.github_documents import Numbered, Page
from domain.errors import ListTooLong, NoCallsLeft, UpstreamUnavailable

PAGE_SIZE: Final = 100
AT_ONCE: Final = 10
READINGS: Final = 2
# Of a list that nobody waits for.
MOST_WINDOWS: Final = 12
NEXT_WINDOW: Final = timedelta(seconds=WINDOW_SECONDS)

ItemT = TypeVar("ItemT", bound=Numbered)
PageT = TypeVar("PageT")


class Room(Protocol):
    """How many calls there are for the pages."""

    def room(self) -> int:
        """Tell how many are left now."""
        ...

    @property
    def is_patient(self) -> bool:
        """Tell whether the pages may be read over several windows."""
        ...

    async def next_window(self) -> None:
        """Wait until there are calls again."""
        ...


async def all_pages(read: Callable[[int], Awaitable[Page[ItemT]]], room: Room) -> list[ItemT]:
    """Read every page and return the items in the order of their ids.

    The first page is number 1 and says how many items there are. Where the pages disagree, as the list changed
    meanwhile, all are read once more. Raises `ListTooLong` for more pages than there are calls for now, unless there is
    patience.
    """
    for _ in range(READINGS):
        items = await _read_all(read, room)
        if items is not None:
            return items
    raise UpstreamUnavailable("GitHub's list changed while it was read")


async def _read_all(read: Callable[[int], Awaitable[Page[ItemT]]], room: Room) -> list[ItemT] | None:
    first = await read(1)
    count = -(-first.total_count // PAGE_SIZE)
    pages = [first, *await _read_rest(read, range(2, count + 1), room)]
    items = {item.id: item for page in pages for item in page.items}
    if any(page.total_count != first.total_count for page in pages) or len(items) != first.total_count:
        return None
    if sum(len(page.items) for page in pages) != len(items):
        return None
    return [items[number] for number in sorted(items)]


async def _read_rest(read: Callable[[int], Awaitable[PageT]], numbers: range, room: Room) -> list[PageT]:
    if len(numbers) > room.room() and not room.is_patient:
        # A part of it would be of no use, and others need the calls.
        raise ListTooLong(f"GitHub's list has {len(numbers) + 1} pages, more than can be read now", NEXT_WINDOW)
    if not room.is_patient:
        return await side_by_side(read, numbers)
    return await _read_patiently(read, numbers, room)


async def _read_patiently(read: Callable[[int], Awaitable[PageT]], numbers: range, room: Room) -> list[PageT]:
    """Read as many as there are calls for, and the others when there are again: what was read is kept."""
    pages: dict[int, PageT] = {}

    async def keep(number: int) -> None:
        with suppress(NoCallsLeft):
            pages[number] = await read(number)

    for _ in range(MOST_WINDOWS):
        missing = [number for number in numbers if number not in pages]
        await side_by_side(keep, missing[: room.room()])
        if len(pages) == len(numbers):
            return [pages[number] for number in numbers]
        await room.next_window()
    raise ListTooLong(f"GitHub's list could not be read in {MOST_WINDOWS} minutes")


async def side_by_side(read: Callable[[int], Awaitable[PageT]], numbers: Sequence[int]) -> list[PageT]:
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
