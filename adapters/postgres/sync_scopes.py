"""Scopes of syncs in PostgreSQL."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import class_row, scalar_row

from application.ports.sync_scopes import SyncScope, SyncScopes
from domain.freshness import Arrangement
from domain.installation import InstallationId
from domain.repository import RepositoryId

# While one is leased, what is wanted comes after it. The row is locked even if nothing changes: whoever claims it next
# sees what this transaction does.
WANT: Final = """
    INSERT INTO sync_scopes AS known (installation_id, due_at)
    VALUES (%(installation_id)s, %(at)s)
    ON CONFLICT (installation_id) DO UPDATE
       SET due_at = CASE WHEN known.lease_until IS NULL THEN excluded.due_at ELSE known.due_at END,
           wanted_at = CASE WHEN known.lease_until IS NOT NULL THEN excluded.due_at END
     WHERE excluded.due_at < CASE WHEN known.lease_until IS NULL
                                  THEN known.due_at
                                  ELSE coalesce(known.wanted_at, 'infinity') END
"""
# Who has claimed it gives nothing back: what is being told may be told to the one that is gone.
FORGET_TOLD: Final = """
    UPDATE sync_scopes
       SET due_at = %(at)s,
           lease_until = NULL,
           wanted_at = NULL,
           told = NULL,
           told_at = NULL
     WHERE installation_id = %(installation_id)s
"""
# What was wanted by now is done by this.
CLAIM: Final = """
    WITH due AS (
        SELECT installation_id, due_at
          FROM sync_scopes
         WHERE due_at <= %(now)s AND (lease_until IS NULL OR lease_until <= %(now)s)
         ORDER BY due_at
         LIMIT %(limit)s
           FOR UPDATE SKIP LOCKED
    )
    UPDATE sync_scopes AS known
       SET lease_until = %(until)s,
           wanted_at = CASE WHEN wanted_at > %(now)s THEN wanted_at END
      FROM due
     WHERE known.installation_id = due.installation_id
    RETURNING known.due_at, known.installation_id, told, told_at, error
"""
DONE: Final = """
    UPDATE sync_scopes
       SET due_at = least(%(next_due_at)s, wanted_at),
           lease_until = NULL,
           wanted_at = NULL,
           told = %(told)s,
           told_at = %(told_at)s,
           error = %(error)s
     WHERE installation_id = %(installation_id)s AND lease_until = %(until)s
"""
FAILURES: Final = """
    SELECT installation_id, error FROM sync_scopes WHERE error IS NOT NULL ORDER BY installation_id LIMIT %(limit)s
"""
HAS_NEWS: Final = """
    SELECT count(*) < cardinality(%(repository_ids)s::bigint[])
      FROM told_repositories
     WHERE installation_id = %(installation_id)s AND repository_id = ANY(%(repository_ids)s)
"""
TELL: Final = """
    INSERT INTO told_repositories (installation_id, repository_id, since)
    SELECT %(installation_id)s, told, %(now)s FROM unnest(%(repository_ids)s::bigint[]) AS told ORDER BY told
    ON CONFLICT DO NOTHING
"""
TELL_NO_MORE: Final = """
    DELETE FROM told_repositories
     WHERE installation_id = %(installation_id)s
       AND NOT EXISTS (SELECT FROM unnest(%(repository_ids)s::bigint[]) AS told WHERE told = repository_id)
"""
ARRANGEMENT_OF: Final = """
    SELECT (SELECT since
              FROM told_repositories
             WHERE installation_id = %(installation_id)s AND repository_id = %(repository_id)s) AS told_since,
           (SELECT error FROM sync_scopes WHERE installation_id = %(installation_id)s) AS error
"""


class PostgresSyncScopes(SyncScopes):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def want(self, installation_id: InstallationId, at: datetime) -> None:
        await self._connection.execute(WANT, {"installation_id": installation_id, "at": at})

    async def forget_told(self, installation_id: InstallationId, at: datetime) -> None:
        await self._connection.execute(FORGET_TOLD, {"installation_id": installation_id, "at": at})

    async def claim(self, now: datetime, until: datetime, limit: int) -> Sequence[SyncScope]:
        rows = await self._connection.execute(CLAIM, {"now": now, "until": until, "limit": limit})
        claimed = sorted(await rows.fetchall(), key=lambda row: row[:2])
        return [
            SyncScope(
                installation_id=InstallationId(installation_id), until=until, told=told, told_at=told_at, error=error
            )
            for _, installation_id, told, told_at, error in claimed
        ]

    async def failures(self, limit: int) -> Sequence[tuple[InstallationId, str]]:
        rows = await self._connection.execute(FAILURES, {"limit": limit})
        return [(InstallationId(installation_id), error) async for installation_id, error in rows]

    async def has_news(self, installation_id: InstallationId, repository_ids: Collection[RepositoryId]) -> bool:
        parameters = {"installation_id": installation_id, "repository_ids": list(repository_ids)}
        async with self._connection.cursor(row_factory=scalar_row) as cursor:
            await cursor.execute(HAS_NEWS, parameters)
            return await anext(cursor)

    async def tell(
        self, installation_id: InstallationId, repository_ids: Collection[RepositoryId], now: datetime
    ) -> None:
        parameters = {"installation_id": installation_id, "repository_ids": list(repository_ids), "now": now}
        async with self._connection.transaction():
            await self._connection.execute(TELL_NO_MORE, parameters)
            await self._connection.execute(TELL, parameters)

    async def arrangement_of(self, installation_id: InstallationId, repository_id: RepositoryId) -> Arrangement:
        async with self._connection.cursor(row_factory=class_row(Arrangement)) as cursor:
            await cursor.execute(ARRANGEMENT_OF, {"installation_id": installation_id, "repository_id": repository_id})
            return await anext(cursor)

    async def done(self, scope: SyncScope, next_due_at: datetime) -> None:
        await self._connection.execute(
            DONE,
            {
                "installation_id": scope.installation_id,
                "until": scope.until,
                "told": scope.told,
                "told_at": scope.told_at,
                "error": scope.error,
                "next_due_at": next_due_at,
            },
        )
