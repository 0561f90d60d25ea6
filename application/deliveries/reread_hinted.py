"""A hint says to look at something again: soon, and not too often."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from application.deliveries.recheck_hinted import REREAD_EVERY, Postponed
from application.ports.clock import Clock
from application.ports.unit_of_work import BeginWork
from domain.delivery import DeliveryState

SKEW: Final = timedelta(seconds=5)
# Of a person who waits for an owner's approval, perhaps with the page open.
SOON: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RereadHinted:
    """However many hints there are, signed or forged, an object is read once for all that came before."""

    begin_work: BeginWork
    clock: Clock

    async def __call__(
        self, subject: str, hinted_at: datetime, read: Callable[[], Awaitable[str]], every: timedelta = REREAD_EVERY
    ) -> tuple[DeliveryState, str]:
        """Read it, unless that was done since; raises `Postponed` so soon after the last time."""
        async with self.begin_work(atomic=False) as work:
            last = await work.rereads.last(subject)
        began = self.clock.now()
        # Whoever received the hint and whoever read may have clocks that differ.
        if last is not None and hinted_at + SKEW < last:
            return DeliveryState.DONE, f"{subject} was read again since"
        async with self.begin_work(atomic=False) as work:
            tried = await work.rereads.begin(subject, began, began - every)
        if tried is not None:
            raise Postponed(f"{subject} was read again just now", tried + every)
        said = await read()
        async with self.begin_work(atomic=False) as work:
            await work.rereads.note(subject, began)
        return DeliveryState.DONE, f"{subject}: {said}"
