"""Time as the sandbox sees it: the real one, or one that a test moves."""

import asyncio
import heapq
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Final, Protocol

SETTLING_TURNS: Final = 40


class SandboxClock(Protocol):
    """Where the sandbox reads the time and waits."""

    def now(self) -> datetime: ...

    async def sleep(self, seconds: float) -> None: ...


class SystemClock(SandboxClock):
    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class ManualClock(SandboxClock):
    """Stands still until `advance` moves it; sleepers wake in the order of their deadlines."""

    def __init__(self, start: datetime | None = None) -> None:
        self._now = start or datetime(2026, 1, 1, tzinfo=UTC)
        self._order = count()
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._now

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            return
        waiting = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + timedelta(seconds=seconds), next(self._order), waiting))
        await waiting

    async def advance(self, seconds: float) -> None:
        """Let that much time pass, and let everything that wakes up run until it waits again."""
        until = self._now + timedelta(seconds=seconds)
        await self.settle()
        while self._sleepers and self._sleepers[0][0] <= until:
            self._now, _, waiting = heapq.heappop(self._sleepers)
            if not waiting.done():
                waiting.set_result(None)
                await self.settle()
        self._now = until

    async def settle(self) -> None:
        """Give other tasks their turns, without time passing."""
        for _ in range(SETTLING_TURNS):
            await asyncio.sleep(0)
