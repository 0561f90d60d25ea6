"""Scopes of syncs in memory."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from application.ports.sync_scopes import SyncScope, SyncScopes
from domain.freshness import Arrangement
from domain.installation import InstallationId
from domain.repository import RepositoryId


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredScope:
    due_at: datetime
    lease_until: datetime | None = None
    wanted_at: datetime | None = None
    told: str | None = None
    told_at: datetime | None = None
    error: str | None = None


class InMemorySyncScopes(SyncScopes):
    def __init__(
        self, rows: dict[InstallationId, StoredScope], told: dict[tuple[InstallationId, RepositoryId], datetime]
    ) -> None:
        self._rows = rows
        self._told = told

    async def want(self, installation_id: InstallationId, at: datetime) -> None:
        stored = self._rows.get(installation_id)
        if stored is None:
            self._rows[installation_id] = StoredScope(due_at=at)
        elif stored.lease_until is None:
            self._rows[installation_id] = replace(stored, due_at=min(stored.due_at, at))
        else:
            self._rows[installation_id] = replace(stored, wanted_at=min(stored.wanted_at or at, at))

    async def forget_told(self, installation_id: InstallationId, at: datetime) -> None:
        stored = self._rows.get(installation_id)
        if stored is not None:
            self._rows[installation_id] = StoredScope(due_at=at, error=stored.error)

    async def claim(self, now: datetime, until: datetime, limit: int) -> Sequence[SyncScope]:
        due = [
            (stored.due_at, installation_id, stored)
            for installation_id, stored in self._rows.items()
            if stored.due_at <= now and (stored.lease_until is None or stored.lease_until <= now)
        ]
        due.sort(key=lambda one: one[:2])
        for _, installation_id, stored in due[:limit]:
            # What was wanted by now is done by this.
            later = stored.wanted_at if stored.wanted_at and stored.wanted_at > now else None
            self._rows[installation_id] = replace(stored, lease_until=until, wanted_at=later)
        return [
            SyncScope(
                installation_id=installation_id,
                until=until,
                told=stored.told,
                told_at=stored.told_at,
                error=stored.error,
            )
            for _, installation_id, stored in due[:limit]
        ]

    async def failures(self, limit: int) -> Sequence[tuple[InstallationId, str]]:
        failed = [(one, stored.error) for one, stored in sorted(self._rows.items())]
        return [(installation_id, error) for installation_id, error in failed if error is not None][:limit]

    async def has_news(self, installation_id: InstallationId, repository_ids: Collection[RepositoryId]) -> bool:
        return any((installation_id, one) not in self._told for one in repository_ids)

    async def tell(
        self, installation_id: InstallationId, repository_ids: Collection[RepositoryId], now: datetime
    ) -> None:
        for one in [one for one in self._told if one[0] == installation_id and one[1] not in repository_ids]:
            del self._told[one]
        for repository_id in repository_ids:
            self._told.setdefault((installation_id, repository_id), now)

    async def arrangement_of(self, installation_id: InstallationId, repository_id: RepositoryId) -> Arrangement:
        stored = self._rows.get(installation_id)
        return Arrangement(
            told_since=self._told.get((installation_id, repository_id)), error=stored.error if stored else None
        )

    async def done(self, scope: SyncScope, next_due_at: datetime) -> None:
        stored = self._rows.get(scope.installation_id)
        if stored is None or stored.lease_until != scope.until:
            return
        self._rows[scope.installation_id] = StoredScope(
            due_at=min(next_due_at, stored.wanted_at or next_due_at),
            told=scope.told,
            told_at=scope.told_at,
            error=scope.error,
        )
