"""A run's hold on being the only one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from application.ports.clock import Clock
from application.ports.reconcile_runs import RunId
from application.ports.unit_of_work import BeginWork
from domain.errors import UpstreamUnavailable

# Longer than the pauses and calls for one finding; then another process takes a dead run over.
LEASE: Final = timedelta(minutes=5)
RENEW_EVERY: Final = timedelta(seconds=30)


@dataclass(slots=True, kw_only=True)
class Lease:
    """Renewed now and then, as the run goes on."""

    run_id: RunId
    begin_work: BeginWork
    clock: Clock
    renewed_at: datetime

    async def renew(self) -> None:
        """Raise `UpstreamUnavailable` if another process took the run for dead."""
        now = self.clock.now()
        if now < self.renewed_at + RENEW_EVERY:
            return
        async with self.begin_work(atomic=False) as work:
            if not await work.reconcile_runs.renew(self.run_id, now + LEASE):
                raise UpstreamUnavailable("another process has taken this run over")
        self.renewed_at = now
