"""What is read of one installation is made to be what the operator wants of what people were granted there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Final

from application.ports.clock import Clock
from application.ports.sync_control import SyncControl
from application.ports.unit_of_work import BeginWork
from domain.connection import ConnectionId
from domain.installation import InstallationId
from domain.repository import Repository, RepositoryId
from domain.sync import SyncKey, SyncSource
from domain.sync_plan import SyncPlan

PAGE_SIZE: Final = 1000
# Of a run that finds nothing Nango sends no webhook, and somebody is waiting to see what there is.
FIRST_PULL_IN: Final = timedelta(seconds=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be read through a connection; `fingerprint` stands for all of it, after the connection's id."""

    connection_id: ConnectionId
    installation_id: InstallationId
    repositories: Sequence[Repository]
    fingerprint: str

    def follows(self, told: str | None) -> bool:
        """Tell whether the same connection was told something before."""
        return told is not None and told.split(" ", 1)[0] == self.fingerprint.split(" ", 1)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrangeSyncs:
    """Nango's syncs are told of repositories and started; GitHub's lists have a row for each kind and repository."""

    sync_control: SyncControl
    begin_work: BeginWork
    clock: Clock
    plan: SyncPlan

    async def wanted(self, installation_id: InstallationId, connection_id: ConnectionId) -> Wanted:
        granted = await self._granted(installation_id)
        if self.plan.source is SyncSource.PROXY:
            granted = [one for one in granted if self.plan.chooses(one.full_name)]
            told = [str(one.id) for one in granted]
        else:
            told = [one.full_name for one in granted]
        words = [self.plan.source, *(f"{name}:{model}" for name, model in sorted(self.plan.models.items())), *told]
        return Wanted(
            connection_id=connection_id,
            installation_id=installation_id,
            repositories=granted,
            fingerprint=f"{_hash([connection_id])} {_hash(words)}",
        )

    async def __call__(self, wanted: Wanted, told: str | None) -> None:
        """Bring it about; `told` is the fingerprint of before. Raises what `SyncControl` raises."""
        if self.plan.source is SyncSource.PROXY or not self.plan.models:
            await self._list(wanted)
        elif wanted.repositories:
            await self._tell(wanted, told)

    async def _tell(self, wanted: Wanted, told: str | None) -> None:
        connection_id, names = wanted.connection_id, self.plan.names
        await self.sync_control.tell_repositories(connection_id, wanted.repositories)
        await self.sync_control.start(connection_id, names)
        if wanted.follows(told) and await self._has_news(wanted):
            # Syncs go on from where they were: of a repository that is new to them they would miss what is old.
            await self.sync_control.trigger(connection_id, names, anew=True)
        now = self.clock.now()
        async with self.begin_work() as work:
            await work.sync_scopes.tell(wanted.installation_id, [one.id for one in wanted.repositories], now)
            await work.syncs.keep_only(wanted.installation_id, SyncSource.PROXY, [])
            theirs = await work.syncs.of_repository(wanted.repositories[0].id, wanted.installation_id)
            still_named = [one.key for one in theirs if one.key.model in self.plan.models.values()]
            await work.syncs.keep_only(wanted.installation_id, SyncSource.NANGO, still_named)
            for name, model in self.plan.models.items():
                key = SyncKey(connection_id=connection_id, model=model)
                await work.syncs.make(key, wanted.installation_id, now + FIRST_PULL_IN, name)
            for sync in await work.syncs.of_repository(wanted.repositories[0].id, wanted.installation_id):
                await work.syncs.want(sync.id, now + FIRST_PULL_IN)

    async def _has_news(self, wanted: Wanted) -> bool:
        async with self.begin_work(atomic=False) as work:
            return await work.sync_scopes.has_news(wanted.installation_id, [one.id for one in wanted.repositories])

    async def _list(self, wanted: Wanted) -> None:
        keys = [
            SyncKey(connection_id=wanted.connection_id, model=f"proxy:{kind}", variant=str(one.id))
            for one in wanted.repositories
            for kind in self.plan.kinds
        ]
        now = self.clock.now()
        async with self.begin_work() as work:
            await work.syncs.keep_only(wanted.installation_id, SyncSource.NANGO, [])
            await work.syncs.keep_only(wanted.installation_id, SyncSource.PROXY, keys)
            for key in keys:
                await work.syncs.make(key, wanted.installation_id, now, None)

    async def _granted(self, installation_id: InstallationId) -> Sequence[Repository]:
        found, after = list[Repository](), RepositoryId(0)
        while True:
            async with self.begin_work(atomic=False) as work:
                page = await work.repositories.granted_in(installation_id, after, PAGE_SIZE)
            found.extend(page)
            if len(page) < PAGE_SIZE:
                return found
            after = page[-1].id


def _hash(words: Sequence[str]) -> str:
    return sha256("\n".join(words).encode()).hexdigest()
