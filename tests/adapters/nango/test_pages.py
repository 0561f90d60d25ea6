"""Lists that change, end early or fail while they are read."""

import asyncio
from collections.abc import Sequence

import msgspec
import pytest

from adapters.nango.github_documents import Numbered, Page
from adapters.nango.pages import AT_ONCE, Room, all_pages
from domain.errors import ListTooLong, NoCallsLeft, UpstreamUnavailable


class Numbers(Page[Numbered], frozen=True):
    numbers: list[Numbered]

    @property
    def items(self) -> list[Numbered]:
        return self.numbers


class Calls(Room):
    """So many calls in each window."""

    def __init__(self, left: int, *, is_patient: bool = False) -> None:
        self.left, self.waits = left, is_patient
        self.windows = 0

    def room(self) -> int:
        return self.left

    @property
    def is_patient(self) -> bool:
        return self.waits

    async def next_window(self) -> None:
        self.windows += 1


class Listing:
    """What GitHub would list: each reading of page 1 begins with the next of the given lists."""

    def __init__(self, *lists: Sequence[int]) -> None:
        self.lists = [*lists]
        self.asked: list[int] = []
        self.open = self.most_open = 0
        self.fails_at: int | None = None

    async def read(self, number: int) -> Numbers:
        self.asked.append(number)
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        await asyncio.sleep(0)
        self.open -= 1
        if number == self.fails_at:
            raise UpstreamUnavailable("GitHub refused page 3")
        listed = self.lists[0]
        if number == 1 and len(self.lists) > 1:
            del self.lists[0]
        page = [Numbered(one) for one in listed[(number - 1) * 100 : number * 100]]
        return Numbers(total_count=len(listed), numbers=page)

    async def all(self, room: int = 1000) -> list[int]:
        return [one.id for one in await all_pages(self.read, Calls(room))]


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 200, 1234])
async def test_every_page_is_read_once(count: int) -> None:
    listing = Listing(range(count, 0, -1))

    assert await listing.all() == [*range(1, count + 1)]
    assert sorted(listing.asked) == [*range(1, max(1, -(-count // 100)) + 1)]


async def test_pages_are_read_side_by_side_but_not_all_at_once() -> None:
    listing = Listing(range(1, 5001))

    await listing.all()

    assert listing.most_open == AT_ONCE


async def test_a_list_that_grew_meanwhile_is_read_again() -> None:
    listing = Listing(range(1, 251), range(1, 252))

    assert await listing.all() == [*range(1, 252)]
    assert listing.asked.count(1) == 2


async def test_a_repeated_item_is_a_list_that_moved() -> None:
    moved = [*range(1, 101), *range(100, 200)]

    assert await Listing(moved, range(1, 201)).all() == [*range(1, 201)]


async def test_a_list_that_never_stands_still_is_given_up() -> None:
    listing = Listing(range(1, 251), range(1, 252), range(1, 253))

    with pytest.raises(UpstreamUnavailable, match="changed while it was read"):
        await listing.all()
    assert listing.asked.count(1) == 2


async def test_a_page_that_is_cut_short_is_no_whole_list() -> None:
    async def read(number: int) -> Numbers:
        return Numbers(total_count=150, numbers=[Numbered(one) for one in range(1, 101)] if number == 1 else [])

    with pytest.raises(UpstreamUnavailable):
        await all_pages(read, Calls(1000))


async def test_a_page_that_fails_fails_all() -> None:
    listing = Listing(range(1, 5001))
    listing.fails_at = 3

    with pytest.raises(UpstreamUnavailable, match="refused page 3"):
        await listing.all()
    assert len(listing.asked) < 50


async def test_a_list_that_no_window_has_calls_for_is_read_over_several_by_whoever_is_patient() -> None:
    listing = Listing(range(1, 1001))
    calls = Calls(left=4, is_patient=True)

    with pytest.raises(ListTooLong):
        await all_pages(listing.read, Calls(left=4))
    read = await all_pages(listing.read, calls)

    assert [one.id for one in read] == [*range(1, 1001)]
    assert calls.windows == 2


async def test_what_was_read_is_kept_when_others_take_the_calls_meanwhile() -> None:
    listing, refused = Listing(range(1, 1001)), set[int]()

    async def read(number: int) -> Numbers:
        if number % 2 and number > 1 and number not in refused:
            refused.add(number)
            raise NoCallsLeft("somebody else took them")
        return await listing.read(number)

    found = await all_pages(read, Calls(left=9, is_patient=True))

    assert [one.id for one in found] == [*range(1, 1001)]
    assert sorted(listing.asked) == [*range(1, 11)]


async def test_a_list_for_which_too_few_calls_are_left_is_not_begun() -> None:
    listing = Listing(range(1, 1001))

    with pytest.raises(UpstreamUnavailable, match="10 pages") as caught:
        await listing.all(room=8)

    assert listing.asked == [1]
    assert caught.value.retry_after is not None
    assert len(await listing.all(room=9)) == 1000


def test_an_item_without_a_number_is_none() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"total_count": 1, "numbers": [{"id": 0}]}', type=Numbers)
