"""Which repositories have data, in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from application.ports.replicated_repositories import ReplicatedRepositories
from domain.repository import RepositoryId
from domain.sync import Sync
from tests.fakes.tables import StoredReplica, Tables


class InMemoryReplicatedRepositories(ReplicatedRepositories):
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def look(self, now: datetime) -> None:
        for repository_id, stored in self._tables.replicas.items():
            if not self._is_used(repository_id):
                self._tables.replicas[repository_id] = replace(stored, unused_since=stored.unused_since or now)
                continue
            self._tables.replicas[repository_id] = StoredReplica()
            for sync in self._syncs_of(repository_id) if stored.deleted_at else ():
                known = self._tables.syncs[sync.id]
                self._tables.syncs[sync.id] = replace(known, is_full_wanted=True).wanting(now)

    async def begin_deletion(self, unused_since: datetime, now: datetime, limit: int) -> Sequence[RepositoryId]:
        found = [
            repository_id
            for repository_id, stored in self._tables.replicas.items()
            if stored.unused_since is not None
            and stored.unused_since <= unused_since
            and (stored.deleted_at is None or stored.deleted_at <= now - timedelta(days=1))
        ]
        for repository_id in found[:limit]:
            self._tables.replicas[repository_id] = replace(self._tables.replicas[repository_id], deleted_at=now)
        return found[:limit]

    async def delete_some(self, repository_id: RepositoryId, limit: int) -> int:
        if self._tables.replicas[repository_id].unused_since is None or self._is_used(repository_id):
            return 0
        tables: list[dict[Any, Any]] = [self._tables.pull_requests, self._tables.issues, self._tables.commits]
        deleted = 0
        for table in tables:
            for key in [key for key in table if key[0] == repository_id][:limit]:
                del table[key]
                deleted += 1
        for sighting in [one for one in self._tables.sightings if one[:2] not in self._tables.commits]:
            del self._tables.sightings[sighting]
        return deleted

    def _is_used(self, repository_id: RepositoryId) -> bool:
        is_granted = any(granted == repository_id for _, granted in self._tables.grants)
        return is_granted and bool(self._syncs_of(repository_id))

    def _syncs_of(self, repository_id: RepositoryId) -> list[Sync]:
        repository = self._tables.repositories.get(repository_id)
        return [
            stored.sync
            for stored in self._tables.syncs.values()
            if repository is not None
            and stored.sync.installation_id == repository.installation_id
            and stored.sync.repository_id in {None, repository_id}
        ]
