"""Heal one difference of the repository integration."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from application.login.pull_attempt import let_in
from application.login.sweep_attempts import SweepAttempts
from application.ports.clock import Clock
from application.ports.provider_connections import ProviderConnections
from application.ports.unit_of_work import BeginWork
from application.reconcile.compare_installations import held_for
from application.reconcile.treatment import Treatment
from application.repositories.ensure_connection import EnsureConnection
from application.repositories.renew_hinted import RenewHinted
from application.repositories.reread_installation import RereadInstallation
from application.repositories.settle_installations import SettleInstallations
from domain.attempt import Attempt, AttemptId, AttemptState, id_in
from domain.connection import ConnectionState, EndUserId
from domain.errors import ConnectionBroken, ConnectionNotFound, LoginStillPassing, StartAgain
from domain.installation import InstallationConnection, claimed
from domain.reconcile import Finding, FindingKind


@dataclass(frozen=True, slots=True, kw_only=True)
class HealInstallation:
    """A finding is a hint: everything is read again before anything is changed, as for a webhook."""

    complete: Callable[[Attempt], Awaitable[Attempt]]
    reread_installation: RereadInstallation
    renew_hinted: RenewHinted
    ensure_connection: EnsureConnection
    settle_installations: SettleInstallations
    sweep_attempts: SweepAttempts
    provider_connections: ProviderConnections
    begin_work: BeginWork
    clock: Clock

    async def __call__(self, finding: Finding) -> tuple[Treatment, str]:
        """Return what became of it, in words; raises `UpstreamUnavailable`, and may be called again."""
        heal = {
            FindingKind.COMPLETE: self._complete,
            FindingKind.RECHECK: self._recheck,
            FindingKind.REASSIGN: self._recheck,
            FindingKind.REVISIT: self._recheck,
            FindingKind.APPROVAL: self._answer,
            FindingKind.REREAD: self._reread,
            FindingKind.ADOPT: self._adopt,
            FindingKind.DELETE: self._delete,
        }.get(finding.kind)
        if heal is None:
            return Treatment.LEFT, "somebody may have pointed another app at this environment"
        return await heal(finding)

    async def _answer(self, finding: Finding) -> tuple[Treatment, str]:
        async with self.begin_work(atomic=False) as work:
            request = await work.approval_requests.find_by_connection(finding.connection_id)
        if request is None or not request.is_waiting:
            return Treatment.LEFT, "it is answered by now"
        await self.renew_hinted(request.user_id)
        async with self.begin_work(atomic=False) as work:
            after = await work.approval_requests.find_by_connection(finding.connection_id)
        state = after.state if after else "gone"
        return (Treatment.LEFT if state == request.state else Treatment.HEALED), f"the request is {state}"

    async def _reread(self, finding: Finding) -> tuple[Treatment, str]:
        named = claimed((finding.end_user_id or "").rpartition("-")[2])
        if named is None:
            return Treatment.LEFT, "it names no installation"
        return Treatment.HEALED, await self.reread_installation(named)

    async def _recheck(self, finding: Finding) -> tuple[Treatment, str]:
        async with self.begin_work(atomic=False) as work:
            row = await work.installation_connections.find(finding.connection_id)
        if row is None:
            return Treatment.LEFT, "its row is gone by now"
        if row.state is ConnectionState.RETIRED:
            await self.settle_installations()
            return Treatment.HEALED, "deleted"
        try:
            document = await self.provider_connections.read(row.id)
        except ConnectionNotFound:
            found = row.retired("it is gone in Nango")
        except ConnectionBroken as error:
            found = row.broken(str(error), self.clock.now())
        else:
            if document.claims == row.installation_id:
                found = row.verified(document.end_user_id or EndUserId(""), row.checked_at)
            else:
                found = row.retired("Nango bound it to another installation")
        async with self.begin_work(atomic=False) as work:
            await work.installation_connections.save(found)
        said = await self.reread_installation(row.installation_id)
        await self.settle_installations()
        return Treatment.HEALED, said

    async def _adopt(self, finding: Finding) -> tuple[Treatment, str]:
        async with self.begin_work(atomic=False) as work:
            installation = await held_for(work, finding.end_user_id)
        if installation is None:
            return Treatment.LEFT, "nobody has a proof there any more"
        # Made anew under the same id: only GitHub says that it is the installation's.
        await self.ensure_connection(installation.id)
        return Treatment.HEALED, "it is the installation's connection again"

    async def _complete(self, finding: Finding) -> tuple[Treatment, str]:
        attempt = await self._attempt_of(finding)
        now = self.clock.now()
        if attempt is None or (not attempt.is_done and attempt.is_expired(now)):
            return Treatment.LEFT, "nobody waits for it any more"
        if attempt.state is AttemptState.PASSING and attempt.is_leased(now):
            return Treatment.LEFT, "its own browser is finishing it"
        try:
            if attempt.state is AttemptState.OPEN:
                attempt = await let_in(attempt, self.begin_work, self.clock)
            await self.complete(attempt)
        except LoginStillPassing as reason:
            return Treatment.LEFT, str(reason)
        except StartAgain as refusal:
            return Treatment.HEALED, str(refusal)
        return Treatment.HEALED, "what GitHub confirmed is connected"

    async def _delete(self, finding: Finding) -> tuple[Treatment, str]:
        attempt = await self._attempt_of(finding)
        async with self.begin_work(atomic=False) as work:
            row = await work.installation_connections.find(finding.connection_id)
            request = await work.approval_requests.find_by_connection(finding.connection_id)
        if row is not None:
            if not await self._retires(row):
                return Treatment.LEFT, "an installation relies on it by now"
            await self.settle_installations()
            return Treatment.HEALED, "deleted"
        if request.is_waiting if request is not None else attempt is None:
            return Treatment.LEFT, "somebody waits with it"
        if attempt is not None and not attempt.is_done:
            now = self.clock.now()
            is_open = attempt.state in {AttemptState.OPEN, AttemptState.PASSING} and not attempt.is_expired(now)
            if is_open or attempt.is_leased(now):
                return Treatment.LEFT, "somebody else is at its attempt"
            await self.sweep_attempts.sweep(attempt)
            return Treatment.HEALED, "deleted, with all that its attempt left"
        await self.provider_connections.delete(finding.connection_id)
        return Treatment.HEALED, "deleted"

    async def _retires(self, row: InstallationConnection) -> bool:
        """Retire it unless somebody has a proof there; tell whether it is retired."""
        if row.state is ConnectionState.RETIRED:
            return True
        async with self.begin_work() as work:
            if await work.grants.has_proofs_on(row.installation_id):
                return False
            await work.installation_connections.save(row.retired("nobody relies on it any more"))
        return True

    async def _attempt_of(self, finding: Finding) -> Attempt | None:
        named = id_in(finding.end_user_id)
        if named is None:
            return None
        async with self.begin_work(atomic=False) as work:
            return await work.attempts.find(AttemptId(named))
