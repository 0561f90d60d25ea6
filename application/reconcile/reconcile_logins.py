"""Compare all connections with Nango, and heal what differs."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from application.ports.clock import Clock
from application.ports.randomness import Randomness
from application.ports.reconcile_runs import RunId
from application.ports.unit_of_work import BeginWork
from application.reconcile.compare_connections import CompareConnections
from application.reconcile.compare_installations import CompareInstallations
from application.reconcile.lease import LEASE, Lease
from application.reconcile.patience import Patience
from application.reconcile.reconciled import Reconciled
from application.reconcile.treatment import Treated, Treatment
from domain.connection import ConnectionKind
from domain.errors import UpstreamUnavailable
from domain.reconcile import Finding, FindingKind

# How long a run waits for calls in all; the next one goes on.
PATIENCE: Final = timedelta(hours=1)
# After so many in a row Nango, or the database, is taken to be away.
MOST_OUTAGES: Final = 3
RETRY_AFTER: Final = timedelta(minutes=1)
AT_ONCE: Final = timedelta(0)
# Of the period, on either side, so that many services do not ask at the same moment.
SPREAD: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileLogins:
    """One run at a time, in all processes together. It spends what others leave of Nango's calls, and waits for it."""

    compare_connections: CompareConnections
    compare_installations: CompareInstallations
    heal: Mapping[ConnectionKind, Callable[[Finding], Awaitable[tuple[Treatment, str]]]]
    begin_work: BeginWork
    clock: Clock
    randomness: Randomness
    period: timedelta
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    spread: Callable[[], float] = random.random

    async def __call__(
        self, *, is_wanted: bool = False, tell: Callable[[Treated], None] = lambda _: None
    ) -> Reconciled | None:
        """Run, if it is due or wanted now; None if it is not, or another run is under way.

        Each finding is told of when it was treated. Raises `UpstreamUnavailable`.
        """
        run_id, now = RunId(self.randomness.new_id()), self.clock.now()
        async with self.begin_work(atomic=False) as work:
            if not await work.reconcile_runs.claim(run_id, now, now + LEASE, is_wanted=is_wanted):
                return None
        lease = Lease(run_id=run_id, begin_work=self.begin_work, clock=self.clock, renewed_at=now)
        next_in, summary = AT_ONCE, "it was interrupted"
        try:
            reconciled = await self._run(lease, tell)
            next_in, summary = self.period * (1 + SPREAD * (2 * self.spread() - 1)), str(reconciled)
        except Exception as error:
            next_in, summary = RETRY_AFTER, type(error).__name__
            raise
        finally:
            ended_at = self.clock.now()
            async with self.begin_work(atomic=False) as work:
                await work.reconcile_runs.end(run_id, ended_at, ended_at + next_in, summary)
        return reconciled

    async def _run(self, lease: Lease, tell: Callable[[Treated], None]) -> Reconciled:
        patience = Patience(sleep=self.sleep, left=PATIENCE)
        compared = await self.compare_connections(patience, lease.renew)
        failure: UpstreamUnavailable | None = None
        try:
            await self.compare_installations(patience, lease.renew, compared)
        except UpstreamUnavailable as error:
            # What is wrong with one integration keeps nobody from healing the other.
            failure = error
        reconciled, outages = Reconciled(compared=compared, treated=Counter()), 0
        for finding in compared.findings:
            await lease.renew()
            if outages == MOST_OUTAGES and finding.kind is not FindingKind.FOREIGN:
                treated = Treated(finding=finding, treatment=Treatment.POSTPONED, note="left for the next run")
            else:
                treated = await self._treat(finding, patience)
                outages = outages + 1 if treated.treatment is Treatment.POSTPONED else 0
            reconciled.treated[treated.treatment] += 1
            tell(treated)
        if failure is not None:
            raise failure
        return reconciled

    async def _treat(self, finding: Finding, patience: Patience) -> Treated:
        try:
            treatment, note = await patience.over(partial(self.heal[finding.integration], finding))
        except UpstreamUnavailable as error:
            return Treated(finding=finding, treatment=Treatment.POSTPONED, note=str(error))
        except Exception as error:  # noqa: BLE001 - one bad object must not end the work on all others
            return Treated(finding=finding, treatment=Treatment.FAILED, note=type(error).__name__, error=error)
        return Treated(finding=finding, treatment=treatment, note=note)
