"""How current the synced data of a granted repository is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from application.ports.clock import Clock
from application.ports.unit_of_work import BeginWork
from domain.freshness import Freshness
from domain.grant import Grant
from domain.sync import ReplicaKind

# Whoever looks each second costs no more than that.
COUNTED: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowFreshness:
    begin_work: BeginWork
    clock: Clock

    async def __call__(self, grant: Grant) -> Mapping[ReplicaKind, Freshness]:
        """Say it of each kind, to whoever has just been found to have that grant."""
        repository_id, now = grant.repository.id, self.clock.now()
        async with self.begin_work(atomic=False) as work:
            syncs = await work.syncs.of_repository(repository_id, grant.installation.id)
            arrangement = await work.sync_scopes.arrangement_of(grant.installation.id, repository_id)
            rows = {
                ReplicaKind.PULL_REQUESTS: await work.pull_requests.count(repository_id, COUNTED),
                ReplicaKind.COMMITS: await work.commits.count(repository_id, COUNTED),
                ReplicaKind.ISSUES: await work.issues.count(repository_id, COUNTED),
            }
        return {
            kind: Freshness.of([sync for sync in syncs if sync.key.kind is kind], number, now, arrangement)
            for kind, number in rows.items()
        }
