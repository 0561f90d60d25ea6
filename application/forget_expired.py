"""Delete rows that nobody can use any more."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.ports.clock import Clock
from application.ports.unit_of_work import BeginWork
from application.ports.work_log import WorkLog

# Kept a while, so that a late webhook of a failed sign-in still finds its attempt.
ATTEMPTS_KEPT: Final = timedelta(days=1)
# Longer than any hint is postponed.
REREADS_KEPT: Final = timedelta(hours=2)
# So that no statement is long, and nobody waits for what it has locked.
DELIVERIES_AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetExpired:
    begin_work: BeginWork
    work_log: WorkLog
    clock: Clock
    deliveries_kept: timedelta

    async def __call__(self) -> None:
        now = self.clock.now()
        async with self.begin_work(atomic=False) as work:
            await work.attempts.forget_before(now - ATTEMPTS_KEPT)
            await work.rereads.forget_before(now - REREADS_KEPT)
            await work.sign_in_codes.forget_before(now)
            await work.sessions.forget_before(now)
            while await work.deliveries.forget_before(now - self.deliveries_kept, DELIVERIES_AT_ONCE):
                pass
        await self.work_log.clear()
