"""Waiting until there are calls again."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeVar

from domain.errors import UpstreamUnavailable

T = TypeVar("T")

MOST_TRIES: Final = 3
# Nango counts calls by the minute. What wants a longer pause concerns one person's token, and waits for the next run.
LONGEST_PAUSE: Final = timedelta(seconds=60)
# So that a timer which is a little early does not cost a try.
MARGIN: Final = timedelta(milliseconds=100)


@dataclass(slots=True, kw_only=True)
class Patience:
    """How long a run may still wait in all."""

    sleep: Callable[[float], Awaitable[None]]
    left: timedelta

    async def over(self, act: Callable[[], Awaitable[T]]) -> T:
        """Do it, and do it again after the pause that is asked for; raises `UpstreamUnavailable` if there is no use."""
        for _ in range(MOST_TRIES - 1):
            try:
                return await act()
            except UpstreamUnavailable as error:
                pause = error.retry_after
                if pause is None or pause > min(LONGEST_PAUSE, self.left):
                    raise
            self.left -= pause
            await self.sleep((pause + MARGIN).total_seconds())
        return await act()
