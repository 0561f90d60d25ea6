"""Have read of each installation what somebody may see of it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from application.ports.clock import Clock
from application.ports.sync_scopes import SyncScope
from application.ports.unit_of_work import BeginWork
from application.replica.arrange_syncs import ArrangeSyncs, Wanted
from domain.connection import ConnectionState
from domain.errors import ConnectionBroken, ConnectionNotFound, UpstreamMisconfigured, UpstreamUnavailable
from domain.sync import SyncSource

BATCH: Final = 20
LEASE: Final = timedelta(minutes=5)
# Grants also go, and repositories get other names: both without news.
LOOK_EVERY: Final = timedelta(hours=1)
# Nango reads all of an installation anew then, which takes many calls to GitHub.
REST: Final = timedelta(minutes=5)
RETRY_IN: Final = timedelta(minutes=2)
# Until a connection is made, or an operator has changed what is wrong.
LONG_RETRY_IN: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartSyncs:
    """The longest due first; any number of processes side by side. Where nobody has a grant, nothing is told."""

    arrange: ArrangeSyncs
    begin_work: BeginWork
    clock: Clock

    async def __call__(self) -> int:
        """Look at a batch; tell how many. Raises `UpstreamUnavailable` for the first that could not be arranged."""
        now = self.clock.now()
        async with self.begin_work(atomic=False) as work:
            scopes = await work.sync_scopes.claim(now, now + LEASE, BATCH)
        failure: UpstreamUnavailable | None = None
        for scope in scopes:
            try:
                await self._look(scope)
            except UpstreamUnavailable as error:
                failure = failure or error
        if failure is not None:
            raise failure
        return len(scopes)

    async def _look(self, scope: SyncScope) -> None:
        after, next_due_at = scope, self.clock.now() + RETRY_IN
        try:
            after, next_due_at = await self._arranged(scope)
        except (ConnectionBroken, ConnectionNotFound) as error:
            # Reconcile heals that, or nobody can.
            after, next_due_at = replace(scope, error=str(error)), self.clock.now() + LONG_RETRY_IN
        except UpstreamUnavailable as error:
            pause = LONG_RETRY_IN if isinstance(error, UpstreamMisconfigured) else RETRY_IN
            after = replace(scope, error=str(error))
            next_due_at = self.clock.now() + max(pause, error.retry_after or pause)
            raise
        finally:
            async with self.begin_work(atomic=False) as work:
                await work.sync_scopes.done(after, next_due_at)

    async def _arranged(self, scope: SyncScope) -> tuple[SyncScope, datetime]:
        async with self.begin_work(atomic=False) as work:
            connection = await work.installation_connections.current_of(scope.installation_id)
        if connection is None or connection.state is not ConnectionState.LIVE:
            raise ConnectionBroken("the installation has no connection that works")
        now = self.clock.now()
        wanted = await self.arrange.wanted(scope.installation_id, connection.id)
        if wanted.fingerprint == scope.told:
            return replace(scope, error=None), now + LOOK_EVERY
        if self._rests(wanted, scope) and scope.told_at is not None and now < scope.told_at + REST:
            return scope, scope.told_at + REST
        await self.arrange(wanted, scope.told)
        return replace(scope, told=wanted.fingerprint, told_at=now, error=None), now + LOOK_EVERY

    def _rests(self, wanted: Wanted, scope: SyncScope) -> bool:
        return self.arrange.plan.source is SyncSource.NANGO and wanted.follows(scope.told)
