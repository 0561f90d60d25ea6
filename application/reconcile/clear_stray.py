"""A connection that names somebody of ours, and that no row relies on."""

from dataclasses import dataclass

from application.login.settle_connections import SettleConnections
from application.login.sweep_attempts import SweepAttempts
from application.ports.clock import Clock
from application.ports.provider_connections import ProviderConnections
from application.ports.unit_of_work import BeginWork
from application.reconcile.adopt_connection import AdoptConnection
from application.reconcile.treatment import Treatment
from domain.attempt import Attempt, AttemptId, AttemptState, id_in
from domain.connection import Connection, ConnectionState
from domain.errors import ConnectionBroken, ConnectionNotFound
from domain.reconcile import Finding
from domain.user import UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearStray:
    """Delete it, or keep it where its user has no login connection that works."""

    adopt_connection: AdoptConnection
    settle_connections: SettleConnections
    sweep_attempts: SweepAttempts
    provider_connections: ProviderConnections
    begin_work: BeginWork
    clock: Clock

    async def __call__(self, finding: Finding) -> tuple[Treatment, str]:
        named = id_in(finding.end_user_id)
        async with self.begin_work(atomic=False) as work:
            attempt = await work.attempts.find(AttemptId(named)) if named else None
            row = await work.connections.find(finding.connection_id)
        if row is not None:
            return await self._settle(row)
        if attempt is not None and not attempt.is_done:
            return await self._sweep(attempt)
        owner = attempt.user_id if attempt else named
        if owner is None:
            return Treatment.LEFT, "its end user is nobody of ours any more"
        async with self.begin_work(atomic=False) as work:
            current = await work.connections.current_login_of(UserId(owner))
        if current is None or current.state is not ConnectionState.LIVE:
            return await self.adopt_connection(finding, UserId(owner))
        return await self._delete(finding, current)

    async def _settle(self, row: Connection) -> tuple[Treatment, str]:
        if row.state is not ConnectionState.RETIRED:
            return Treatment.LEFT, "it is a login connection of ours by now"
        await self.settle_connections(row.user_id)
        return Treatment.HEALED, "deleted"

    async def _sweep(self, attempt: Attempt) -> tuple[Treatment, str]:
        now = self.clock.now()
        is_open = attempt.state in {AttemptState.OPEN, AttemptState.PASSING} and not attempt.is_expired(now)
        if is_open or attempt.is_leased(now):
            return Treatment.LEFT, "somebody else is at its sign-in"
        await self.sweep_attempts.sweep(attempt)
        return Treatment.HEALED, "deleted, with all that its sign-in left"

    async def _delete(self, finding: Finding, current: Connection) -> tuple[Treatment, str]:
        end_user_id = finding.end_user_id
        try:
            # Of two connections of one person the last that works must not go.
            await self.provider_connections.read(current.id)
        except (ConnectionNotFound, ConnectionBroken):
            return Treatment.LEFT, "the other one does not work any more, and is to be rechecked first"
        if not end_user_id or finding.connection_id not in await self.provider_connections.of_end_user(end_user_id):
            return Treatment.LEFT, "it is gone, or has another end user by now"
        await self.provider_connections.delete(finding.connection_id)
        return Treatment.HEALED, "deleted"
