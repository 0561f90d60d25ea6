"""Nango's calls are scarce: one budget for all, in shares."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final

from domain.errors import NoCallsLeft, UpstreamUnavailable

WINDOW_SECONDS: Final = 60.0
CALLS_PER_MINUTE: Final = 200
# So that a fifth of the budget is enough calls to start a sign-in.
FEWEST_CALLS_PER_MINUTE: Final = 10


class Share(StrEnum):
    """Whom a call is made for."""

    START = "start"
    """Sign-ins that begin, which anybody can do."""
    FINISH = "finish"
    """Sign-ins that end, and people who are signed in."""
    READ = "read"
    """People and apps that read files and the like, as often as they want."""
    HINT = "hint"
    """Webhooks, which anybody can cause."""
    SYNC = "sync"
    """Records that were synced, of which there may be many pages."""
    RECONCILE = "reconcile"
    """Comparing everything, which can wait."""


# No more than this percentage, whatever the others leave.
CAPS: Final = {Share.START: 20, Share.READ: 50, Share.HINT: 25, Share.SYNC: 50}
# Whose unspent part each share has to leave alone; finishing a sign-in may take all there is.
LEAVES: Final[dict[Share, tuple[Share, ...]]] = {
    Share.START: (Share.FINISH,),
    Share.FINISH: (),
    Share.READ: (Share.FINISH, Share.START),
    Share.HINT: (Share.FINISH,),
    Share.SYNC: (Share.FINISH, Share.START, Share.HINT),
    Share.RECONCILE: (Share.FINISH, Share.START, Share.HINT),
}
# What is kept for a share: FINISH has no cap, so its reserve is said here.
RESERVES: Final = {Share.FINISH: 30, **CAPS}


@dataclass(slots=True)
class CallBudget:
    """Counts the calls of fixed 60-second windows, as Nango does, and says no before Nango would.

    Nango counts per account, so other processes and apps spend from it too: what its answers say of that is learned.
    """

    calls_per_minute: int = CALLS_PER_MINUTE
    clock: Callable[[], float] = time.monotonic
    _limit: int = field(init=False)
    _spent: Counter[Share] = field(init=False, default_factory=Counter[Share])
    _spent_by_others: int = field(init=False, default=0)
    _window_ends: float = field(init=False, default=float("-inf"))
    _blocked_until: float = field(init=False, default=float("-inf"))

    def __post_init__(self) -> None:
        if self.calls_per_minute < FEWEST_CALLS_PER_MINUTE:
            raise ValueError(f"a budget needs {FEWEST_CALLS_PER_MINUTE} calls per minute or more")
        self._limit = self.calls_per_minute

    def take(self, share: Share) -> None:
        """Count one call; raises `UpstreamUnavailable` with the time until the next window if the share has none."""
        now = self.clock()
        if now < self._blocked_until:
            raise UpstreamUnavailable("Nango asked for a pause", _seconds(self._blocked_until - now))
        self._roll(now)
        if self._spent[share] >= self._cap(share) or self._left() <= self._kept_from(share):
            raise NoCallsLeft(f"no calls are left for {share}", _seconds(self._window_ends - now))
        self._spent[share] += 1

    def left(self, share: Share) -> int:
        """Tell how many calls the share may make in the window that is open now."""
        now = self.clock()
        if now < self._blocked_until:
            return 0
        self._roll(now)
        return max(0, min(self._cap(share) - self._spent[share], self._left() - self._kept_from(share)))

    def seconds_to_next_window(self) -> float:
        now = self.clock()
        return max(self._window_ends - now, self._blocked_until - now, 0.0)

    def learn(self, limit: int, remaining: int, resets_in_seconds: float) -> None:
        """Take over what Nango says of the account's window that is open now."""
        if limit <= 0 or not 0 < resets_in_seconds <= WINDOW_SECONDS:
            return
        now = self.clock()
        self._roll(now)
        self._limit = limit
        self._window_ends = now + resets_in_seconds
        self._spent_by_others = max(self._spent_by_others, limit - remaining - self._spent.total())

    def block(self, seconds: float) -> None:
        """Refuse every call for so long: Nango said that the account has had its share."""
        self._blocked_until = max(self._blocked_until, self.clock() + seconds)

    def _roll(self, now: float) -> None:
        if now >= self._window_ends:
            self._spent.clear()
            self._spent_by_others = 0
            self._window_ends = now + WINDOW_SECONDS

    def _total(self) -> int:
        return min(self.calls_per_minute, self._limit)

    def _left(self) -> int:
        ours = self._spent.total()
        return min(self.calls_per_minute - ours, self._limit - ours - self._spent_by_others)

    def _cap(self, share: Share) -> int:
        return self._total() * CAPS.get(share, 100) // 100

    def _kept_from(self, share: Share) -> int:
        return sum(max(0, self._total() * RESERVES[other] // 100 - self._spent[other]) for other in LEAVES[share])


def _seconds(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)
