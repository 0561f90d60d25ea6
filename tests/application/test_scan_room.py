"""However many lists are looked through at once, most connections are left to others."""

import asyncio
from datetime import timedelta
from typing import Final

import pytest

from application.replica.scan_room import WAITING_PER_PLACE, ScanRoom
from domain.errors import TooOften

LONG: Final = timedelta(hours=1)


class Scans:
    """Scans in a room, which go on until they are let go."""

    def __init__(self, room: ScanRoom) -> None:
        self._room = room
        self._go = asyncio.Event()
        self.inside = 0

    async def scan(self) -> None:
        async with self._room.entered(is_scan=True):
            self.inside += 1
            await self._go.wait()

    def end(self) -> None:
        self._go.set()


async def all_wait() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_so_many_are_inside_a_few_wait_and_the_others_are_refused_at_once() -> None:
    scans = Scans(ScanRoom(2, LONG))
    first = [asyncio.create_task(scans.scan()) for _ in range(2 + 2 * WAITING_PER_PLACE)]
    await all_wait()

    with pytest.raises(TooOften, match="try again soon"):
        await scans.scan()
    assert scans.inside == 2

    scans.end()
    await asyncio.gather(*first)
    assert scans.inside == len(first)


async def test_who_waits_too_long_is_refused_and_leaves_no_trace() -> None:
    room = ScanRoom(1, timedelta(0))
    async with room.entered(is_scan=True):
        for _ in range(2 * WAITING_PER_PLACE):
            with pytest.raises(TooOften):
                await Scans(room).scan()

    async with room.entered(is_scan=True):
        pass


async def test_a_scan_that_fails_gives_its_place_back() -> None:
    room = ScanRoom(1, timedelta(0))
    with pytest.raises(ZeroDivisionError):
        async with room.entered(is_scan=True):
            raise ZeroDivisionError

    async with room.entered(is_scan=True):
        pass


async def test_what_is_looked_up_enters_a_full_room() -> None:
    room = ScanRoom(1, timedelta(0))

    async with room.entered(is_scan=True), room.entered(is_scan=False), room.entered(is_scan=False):
        pass
