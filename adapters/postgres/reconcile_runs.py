"""Runs of reconcile in PostgreSQL."""

from datetime import datetime
from typing import Final

from psycopg import AsyncConnection

from application.ports.reconcile_runs import ReconcileRuns, RunId

# One row and one statement: of all processes that find it due, one changes it.
CLAIM: Final = """
    INSERT INTO reconcile_runs AS known (run_id, began_at, lease_until, due_at)
    VALUES (%(run_id)s, %(now)s, %(until)s, %(now)s)
    ON CONFLICT (single) DO UPDATE
       SET run_id = excluded.run_id,
           began_at = excluded.began_at,
           lease_until = excluded.lease_until
     WHERE (known.lease_until IS NULL OR known.lease_until <= %(now)s)
       AND (%(is_wanted)s OR known.due_at <= %(now)s)
"""
RENEW: Final = "UPDATE reconcile_runs SET lease_until = %(until)s WHERE run_id = %(run_id)s AND lease_until IS NOT NULL"
END: Final = """
    UPDATE reconcile_runs
       SET ended_at = %(at)s,
           due_at = %(next_due_at)s,
           lease_until = NULL,
           summary = %(summary)s
     WHERE run_id = %(run_id)s AND lease_until IS NOT NULL
"""


class PostgresReconcileRuns(ReconcileRuns):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def claim(self, run_id: RunId, now: datetime, until: datetime, *, is_wanted: bool) -> bool:
        claimed = await self._connection.execute(
            CLAIM, {"run_id": run_id, "now": now, "until": until, "is_wanted": is_wanted}
        )
        return claimed.rowcount == 1

    async def renew(self, run_id: RunId, until: datetime) -> bool:
        return (await self._connection.execute(RENEW, {"run_id": run_id, "until": until})).rowcount == 1

    async def end(self, run_id: RunId, at: datetime, next_due_at: datetime, summary: str) -> None:
        await self._connection.execute(
            END, {"run_id": run_id, "at": at, "next_due_at": next_due_at, "summary": summary}
        )
