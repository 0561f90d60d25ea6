"""Repositories in memory."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from application.ports.repositories import Repositories
from domain.installation import InstallationId
from domain.repository import Repository, RepositoryId
from tests.fakes.tables import StoredRepository, Tables


class InMemoryRepositories(Repositories):
    def __init__(self, tables: Tables) -> None:
        self._rows = tables.repositories
        self._grants = tables.grants
        self._former_names = tables.former_names

    async def save(self, installation_id: InstallationId, repository: Repository, at: datetime) -> None:
        known = self._rows.get(repository.id)
        if known is not None and known.read_at > at:
            return
        if known is not None and known.repository.full_name != repository.full_name:
            self._former_names.append((known.repository.full_name.lower(), repository.id, at))
        self._rows[repository.id] = StoredRepository(repository=repository, installation_id=installation_id, read_at=at)
        if known is not None and known.installation_id != installation_id:
            self._remove_grants(repository.id)

    async def replace_all(
        self, installation_id: InstallationId, repositories: Sequence[Repository], at: datetime
    ) -> int:
        for repository in repositories:
            await self.save(installation_id, repository, at)
        named = {repository.id for repository in repositories}
        gone = [
            repository_id
            for repository_id, stored in self._rows.items()
            if stored.installation_id == installation_id and repository_id not in named and stored.read_at <= at
        ]
        await self.remove(gone, at)
        return len(gone)

    async def remove(self, repository_ids: Collection[RepositoryId], at: datetime) -> None:
        for repository_id in repository_ids:
            known = self._rows.get(repository_id)
            if known is not None and known.read_at <= at:
                self._rows[repository_id] = replace(known, installation_id=None, read_at=at)
                self._remove_grants(repository_id)

    async def find(self, repository_id: RepositoryId) -> tuple[Repository, InstallationId] | None:
        known = self._rows.get(repository_id)
        if known is None or known.installation_id is None:
            return None
        return known.repository, known.installation_id

    async def ids_of(self, installation_id: InstallationId) -> Sequence[RepositoryId]:
        return sorted(one for one, stored in self._rows.items() if stored.installation_id == installation_id)

    async def granted_in(
        self, installation_id: InstallationId, after: RepositoryId, limit: int
    ) -> Sequence[Repository]:
        granted = sorted({repository_id for _, repository_id in self._grants if repository_id > after})
        found = [self._rows[one] for one in granted]
        return [one.repository for one in found if one.installation_id == installation_id][:limit]

    def _remove_grants(self, repository_id: RepositoryId) -> None:
        for user_id, granted in [key for key in self._grants if key[1] == repository_id]:
            del self._grants[user_id, granted]
