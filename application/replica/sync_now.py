"""Somebody wants what is synced of a repository to be current now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.ports.clock import Clock
from application.ports.sync_control import SyncControl
from application.ports.unit_of_work import BeginWork
from application.repositories.granted import the_grant
from application.repositories.through_installation import connection_for
from domain.connection import ConnectionId
from domain.errors import NotSynced, TooOften, UpstreamUnavailable
from domain.grant import Grant
from domain.repository import RepositoryId
from domain.sync import ReplicaKind, SyncKey, SyncSource
from domain.sync_plan import SyncPlan
from domain.user import UserId

REST: Final = timedelta(minutes=1)
# Most runs are over by then, whether their webhook comes or not.
PULL_IN: Final = timedelta(seconds=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncNow:
    """Once a minute for each installation, whoever asks: its syncs read all of its repositories.

    What Nango did not do may be asked for again at once.
    """

    sync_control: SyncControl
    begin_work: BeginWork
    clock: Clock
    plan: SyncPlan

    async def __call__(self, user_id: UserId, repository_id: RepositoryId) -> Sequence[ReplicaKind]:
        """Have it read, and tell what of it.

        Raises `RepositoryNotFound`, `NotSynced`, `TooOften`, `ConnectionBroken`, and what `SyncControl` raises.
        """
        now = self.clock.now()
        grant = await the_grant(self.begin_work, user_id, repository_id, now)
        self._check_plan(grant)
        connection_id = await connection_for(self.begin_work, grant)
        subject = f"syncs of installation {grant.installation.id}"
        async with self.begin_work(atomic=False) as work:
            tried = await work.rereads.begin(subject, now, now - REST)
        if tried is not None:
            raise TooOften("its data was asked for less than a minute ago", tried + REST - now)
        try:
            if self.plan.source is SyncSource.NANGO:
                await self.sync_control.trigger(connection_id, self.plan.names)
            await self._pull(grant, connection_id)
        except UpstreamUnavailable:
            async with self.begin_work(atomic=False) as work:
                await work.rereads.withdraw(subject, now)
            raise
        return self.plan.kinds

    def _check_plan(self, grant: Grant) -> None:
        if not self.plan.models:
            raise NotSynced("nothing is synced here: SYNC_NAMES is none")
        if self.plan.source is SyncSource.PROXY and not self.plan.chooses(grant.repository.full_name):
            raise NotSynced("this repository is not synced: SYNC_REPOSITORIES does not name it")

    async def _pull(self, grant: Grant, connection_id: ConnectionId) -> None:
        repository_id, installation_id = grant.repository.id, grant.installation.id
        if self.plan.source is SyncSource.PROXY:
            due_at, variant = self.clock.now(), str(repository_id)
            named = [
                (None, SyncKey(connection_id=connection_id, model=f"proxy:{kind}", variant=variant))
                for kind in self.plan.kinds
            ]
        else:
            due_at = self.clock.now() + PULL_IN
            named = [
                (name, SyncKey(connection_id=connection_id, model=model)) for name, model in self.plan.models.items()
            ]
        async with self.begin_work() as work:
            for name, key in named:
                await work.syncs.make(key, installation_id, due_at, name)
            for sync in await work.syncs.of_repository(repository_id, installation_id):
                if sync.key.connection_id == connection_id and sync.key.source is self.plan.source:
                    await work.syncs.want(sync.id, due_at)
