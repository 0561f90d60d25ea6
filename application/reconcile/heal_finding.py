"""Heal one difference."""

from dataclasses import dataclass

from application.login.complete_login import CompleteLogin
from application.login.pull_attempt import let_in
from application.login.recheck_connection import RecheckConnection
from application.login.settle_connections import SettleConnections
from application.ports.clock import Clock
from application.ports.unit_of_work import BeginWork
from application.reconcile.clear_stray import ClearStray
from application.reconcile.treatment import Treatment
from domain.attempt import Attempt, AttemptId, AttemptState, id_in
from domain.connection import ConnectionState
from domain.errors import LoginStillPassing, StartAgain, UpstreamUnavailable
from domain.reconcile import Finding, FindingKind


@dataclass(frozen=True, slots=True, kw_only=True)
class HealFinding:
    """A finding is a hint: everything is read again before anything is changed, as for a webhook."""

    complete_login: CompleteLogin
    recheck_connection: RecheckConnection
    clear_stray: ClearStray
    settle_connections: SettleConnections
    begin_work: BeginWork
    clock: Clock

    async def __call__(self, finding: Finding) -> tuple[Treatment, str]:
        """Return what became of it, in words; raises `UpstreamUnavailable`, and may be called again."""
        match finding.kind:
            case FindingKind.COMPLETE:
                return await self._complete(finding)
            case FindingKind.RECHECK | FindingKind.REASSIGN | FindingKind.REVISIT:
                return await self._recheck(finding)
            case FindingKind.ADOPT | FindingKind.DELETE:
                return await self.clear_stray(finding)
            case FindingKind.FOREIGN | FindingKind.APPROVAL | FindingKind.REREAD:
                return Treatment.LEFT, "somebody may have pointed another app at this environment"

    async def _recheck(self, finding: Finding) -> tuple[Treatment, str]:
        async with self.begin_work(atomic=False) as work:
            row = await work.connections.find(finding.connection_id)
        if row is None:
            return Treatment.LEFT, "its row is gone by now"
        if row.state is not ConnectionState.RETIRED and row.checked_at < finding.seen_at:
            await self.recheck_connection(row)
        # What turned out to be gone, or somebody else's, is told to Nango at once.
        await self.settle_connections(row.user_id)
        return Treatment.HEALED, "read back"

    async def _complete(self, finding: Finding) -> tuple[Treatment, str]:
        named, now = id_in(finding.end_user_id), self.clock.now()
        async with self.begin_work(atomic=False) as work:
            attempt = await work.attempts.find(AttemptId(named)) if named else None
        if attempt is None or (not attempt.is_done and attempt.is_expired(now)):
            return Treatment.LEFT, "nobody waits for it any more"
        if attempt.state is AttemptState.PASSING and attempt.is_leased(now):
            return Treatment.LEFT, "its own browser is finishing it"
        try:
            finished = await self._finish(attempt)
        except LoginStillPassing as reason:
            return Treatment.LEFT, str(reason)
        except StartAgain as refusal:
            return Treatment.HEALED, str(refusal)
        await self.settle_connections(finished.user_id)
        return Treatment.HEALED, "the sign-in is finished, for its own browser to collect"

    async def _finish(self, attempt: Attempt) -> Attempt:
        if attempt.state is not AttemptState.OPEN:
            return await self.complete_login(attempt)
        passing = await let_in(attempt, self.begin_work, self.clock)
        try:
            return await self.complete_login(passing)
        except UpstreamUnavailable:
            # Nobody is at it now: neither its browser nor the next try has to wait for the lease to end.
            async with self.begin_work(atomic=False) as work:
                await work.attempts.rest(attempt.id, self.clock.now())
            raise
