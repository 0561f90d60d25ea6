"""Which repositories have data, in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, LiteralString

from psycopg import AsyncConnection
from psycopg.rows import scalar_row

from application.ports.replicated_repositories import ReplicatedRepositories
from domain.repository import RepositoryId

DELETED_EVERY: Final = timedelta(days=1)
IS_USED: Final = """
    EXISTS (SELECT FROM grants WHERE grants.repository_id = replicas.repository_id)
    AND EXISTS (SELECT
                  FROM repositories
                  JOIN syncs USING (installation_id)
                 WHERE repositories.id = replicas.repository_id
                   AND (syncs.repository_id IS NULL OR syncs.repository_id = repositories.id))
"""
NOTE_UNUSED: Final = f"""
    UPDATE replicas SET unused_since = %(now)s WHERE unused_since IS NULL AND NOT ({IS_USED})
"""  # noqa: S608 - of constants
NOTE_USED: Final = f"""
    UPDATE replicas SET unused_since = NULL, deleted_at = NULL WHERE unused_since IS NOT NULL AND {IS_USED}
"""  # noqa: S608 - of constants
READ_ANEW: Final = f"""
    UPDATE syncs
       SET is_full_wanted = true,
           due_at = CASE WHEN run_began_at IS NULL THEN least(due_at, %(now)s) ELSE due_at END,
           wanted_at = CASE WHEN run_began_at IS NOT NULL THEN least(wanted_at, %(now)s) END
      FROM replicas
      JOIN repositories ON repositories.id = replicas.repository_id
     WHERE replicas.deleted_at IS NOT NULL
       AND {IS_USED}
       AND syncs.installation_id = repositories.installation_id
       AND (syncs.repository_id IS NULL OR syncs.repository_id = repositories.id)
"""  # noqa: S608 - of constants
BEGIN_DELETION: Final = """
    UPDATE replicas
       SET deleted_at = %(now)s
     WHERE repository_id IN (SELECT repository_id
                               FROM replicas
                              WHERE unused_since <= %(unused_since)s
                                AND (deleted_at IS NULL OR deleted_at <= %(now)s - %(deleted_every)s)
                              ORDER BY unused_since
                              LIMIT %(limit)s
                                FOR UPDATE SKIP LOCKED)
    RETURNING repository_id
"""
STILL_UNUSED: Final = f"""
    EXISTS (SELECT
              FROM replicas
             WHERE repository_id = %(repository_id)s AND unused_since IS NOT NULL AND NOT ({IS_USED}))
"""  # noqa: S608 - of constants
# Rows are locked in the order in which records are merged: the branches that a commit was seen on, then the commits.
DELETE_ITEMS: Final[Sequence[LiteralString]] = [
    f"""
    DELETE FROM {table}
     WHERE ctid IN (SELECT ctid
                      FROM {table}
                     WHERE repository_id = %(repository_id)s AND {STILL_UNUSED}
                     ORDER BY number
                     LIMIT %(limit)s
                       FOR UPDATE)
    """  # noqa: S608 - of constants
    for table in ("pull_requests", "issues")
]
# A commit takes the branches that it was seen on with it.
DELETE_COMMITS: Final = f"""
    WITH chosen AS MATERIALIZED (
        SELECT sha
          FROM commits
         WHERE repository_id = %(repository_id)s AND {STILL_UNUSED}
         ORDER BY sha
         LIMIT %(limit)s
    ), seen AS MATERIALIZED (
        SELECT branch
          FROM commit_sightings
         WHERE repository_id = %(repository_id)s AND sha IN (SELECT sha FROM chosen)
         ORDER BY sha, branch
           FOR UPDATE
    )
    DELETE FROM commits
     WHERE ctid IN (SELECT ctid
                      FROM commits
                     WHERE (SELECT count(*) FROM seen) >= 0
                       AND repository_id = %(repository_id)s
                       AND sha IN (SELECT sha FROM chosen)
                     ORDER BY sha
                       FOR UPDATE)
"""  # noqa: S608 - of constants
DELETE: Final = (*DELETE_ITEMS, DELETE_COMMITS)


class PostgresReplicatedRepositories(ReplicatedRepositories):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def look(self, now: datetime) -> None:
        async with self._connection.transaction():
            for statement in (NOTE_UNUSED, READ_ANEW, NOTE_USED):
                await self._connection.execute(statement, {"now": now})

    async def begin_deletion(self, unused_since: datetime, now: datetime, limit: int) -> Sequence[RepositoryId]:
        parameters = {"unused_since": unused_since, "now": now, "limit": limit, "deleted_every": DELETED_EVERY}
        async with self._connection.cursor(row_factory=scalar_row) as cursor:
            await cursor.execute(BEGIN_DELETION, parameters)
            return [RepositoryId(number) async for number in cursor]

    async def delete_some(self, repository_id: RepositoryId, limit: int) -> int:
        parameters = {"repository_id": repository_id, "limit": limit}
        return sum([(await self._connection.execute(statement, parameters)).rowcount for statement in DELETE])
