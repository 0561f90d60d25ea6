"""Access checks in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import scalar_row

from application.ports.access_checks import AccessCheck, AccessChecks
from domain.installation import InstallationId
from domain.user import UserId

# While one is leased, what is wanted comes after it.
UNLESS_EARLIER: Final = """
    ON CONFLICT (user_id) DO UPDATE
       SET due_at = CASE WHEN known.lease_until IS NULL THEN excluded.due_at ELSE known.due_at END,
           wanted_at = CASE WHEN known.lease_until IS NOT NULL THEN excluded.due_at END
     WHERE excluded.due_at < CASE WHEN known.lease_until IS NULL
                                  THEN known.due_at
                                  ELSE coalesce(known.wanted_at, 'infinity') END
"""
WANT: Final = f"""
    INSERT INTO access_checks AS known (user_id, due_at)
    SELECT id, %(at)s FROM users WHERE id = %(user_id)s
    {UNLESS_EARLIER}
"""  # noqa: S608 - of constants
# In one order, so that two who want the same ones never wait for each other in turn.
WANT_ALL_ON: Final = f"""
    WITH everybody AS (
        SELECT user_id FROM proofs WHERE installation_id = %(installation_id)s
    ), wanted AS (
        INSERT INTO access_checks AS known (user_id, due_at)
        SELECT user_id, %(at)s FROM everybody ORDER BY user_id
        {UNLESS_EARLIER}
    )
    SELECT count(*) FROM everybody
"""  # noqa: S608 - of constants
# What was wanted by now is done by this.
CLAIM: Final = """
    WITH due AS (
        SELECT user_id
          FROM access_checks
         WHERE due_at <= %(now)s AND (lease_until IS NULL OR lease_until <= %(now)s)
         ORDER BY due_at
         LIMIT %(limit)s
           FOR UPDATE SKIP LOCKED
    )
    UPDATE access_checks AS known
       SET lease_until = %(until)s,
           wanted_at = CASE WHEN wanted_at > %(now)s THEN wanted_at END
      FROM due
     WHERE known.user_id = due.user_id
    RETURNING known.user_id, known.due_at
"""
# One that is not to be done again stays as a row: what is wanted at the same instant is not lost with it.
DONE: Final = """
    UPDATE access_checks
       SET due_at = coalesce(least(%(next_due_at)s, wanted_at), 'infinity'),
           lease_until = NULL,
           wanted_at = NULL
     WHERE user_id = %(user_id)s AND lease_until = %(until)s
"""


class PostgresAccessChecks(AccessChecks):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def want(self, user_id: UserId, at: datetime) -> None:
        await self._connection.execute(WANT, {"user_id": user_id, "at": at})

    async def want_all_on(self, installation_id: InstallationId, at: datetime) -> int:
        async with self._connection.cursor(row_factory=scalar_row) as cursor:
            await cursor.execute(WANT_ALL_ON, {"installation_id": installation_id, "at": at})
            return await anext(cursor)

    async def claim(self, now: datetime, until: datetime, limit: int) -> Sequence[AccessCheck]:
        rows = await self._connection.execute(CLAIM, {"now": now, "until": until, "limit": limit})
        claimed = [AccessCheck(user_id=UserId(user_id), due_at=due_at, until=until) async for user_id, due_at in rows]
        return sorted(claimed, key=lambda check: check.due_at)

    async def done(self, check: AccessCheck, next_due_at: datetime | None) -> None:
        await self._connection.execute(
            DONE, {"user_id": check.user_id, "until": check.until, "next_due_at": next_due_at}
        )
