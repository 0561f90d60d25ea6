"""Lists for which a whole repository may have to be looked through leave connections to everybody else."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from domain.errors import TooOften

WAITING_PER_PLACE: Final = 4
PATIENCE: Final = timedelta(seconds=2)


class ScanRoom:
    """So many at a time in this process; a few more wait a moment, without a connection, and others are refused."""

    def __init__(self, places: int, patience: timedelta = PATIENCE) -> None:
        self._places = asyncio.Semaphore(places)
        self._most_waiting = WAITING_PER_PLACE * places
        self._patience = patience
        self._waiting = 0

    @asynccontextmanager
    async def entered(self, *, is_scan: bool) -> AsyncGenerator[None, None]:
        """Have a place meanwhile, if it is for a scan; raises `TooOften`."""
        if not is_scan:
            yield
            return
        await self._enter()
        try:
            yield
        finally:
            self._places.release()

    async def _enter(self) -> None:
        if self._places.locked() and self._waiting >= self._most_waiting:
            raise self._full()
        self._waiting += 1
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                await self._places.acquire()
        except TimeoutError:
            raise self._full() from None
        finally:
            self._waiting -= 1

    def _full(self) -> TooOften:
        return TooOften("too many lists are being looked through for what was asked: try again soon", self._patience)
