"""A hint says to look at something again: soon, and not too often."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from application.deliveries.recheck_hinted import REREAD_EVERY, Postponed
from application.ports.clock import Clock
from application.ports.unit_of_work import BeginWork
from domain.delivery import DeliveryState


@dataclass(frozen=True, slots=True, kw_only=True)
class RereadHinted:
    """However many hints there are, signed or forged, an object is read once for all that came before."""

    begin_work: BeginWork
    clock: Clock

    async def __call__(
        self, subject: str, hinted_at: datetime, read: Callable[[], Awaitable[str]]
    ) -> tuple[DeliveryState, str]:
        """Read it, unless that was done since; raises `Postponed` within half a minute of the last time."""
        async with self.begin_work(atomic=False) as work:
            last = await work.rereads.last(subject)
        began = self.clock.now()
        if last is not None and hinted_at < last:
            return DeliveryState.DONE, f"{subject} was read again since"
        if last is not None and began < last + REREAD_EVERY:
            raise Postponed(f"{subject} was read again just now", last + REREAD_EVERY)
        said = await read()
        async with self.begin_work(atomic=False) as work:
            await work.rereads.note(subject, began)
        return DeliveryState.DONE, f"{subject}: {said}"
