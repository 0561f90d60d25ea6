"""Nothing that was accepted waits for ever."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.ports.clock import Clock
from application.ports.unit_of_work import BeginWork

# Longer than anything takes that is only slow.
STRANDED_AFTER: Final = timedelta(minutes=2)
AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class RequeueStranded:
    begin_work: BeginWork
    clock: Clock

    async def __call__(self) -> int:
        """Have those worked on that nobody would come to; tell how many."""
        before, total = self.clock.now() - STRANDED_AFTER, 0
        async with self.begin_work(atomic=False) as work:
            while found := await work.deliveries.requeue_stranded(before, AT_ONCE):
                total += found
        return total
