"""Deliveries in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from psycopg import AsyncConnection
from psycopg.errors import UniqueViolation
from psycopg.rows import DictRow, class_row, dict_row

from adapters.pgqueuer.tables import enqueue
from application.ports.deliveries import Deliveries
from domain.delivery import (
    Delivery,
    DeliveryBacklog,
    DeliveryDetails,
    DeliveryId,
    DeliveryKind,
    DeliveryState,
    DeliveryStats,
    DeliverySummary,
)

BEGIN: Final = """
       UPDATE deliveries
          SET tries = tries + 1
        WHERE id = %(id)s AND state = 'waiting'
    RETURNING id, kind, body, headers, received_at, tries
"""
SUMMARY: Final = "id, kind, state, received_at, received, tries, due_at, note, closed_at"
LIST: Final = f"""
    SELECT {SUMMARY}
      FROM deliveries
     WHERE %(state)s::text IS NULL OR state = %(state)s
     ORDER BY id DESC
     LIMIT %(limit)s
"""  # noqa: S608 - of constants
FIND: Final = f"SELECT {SUMMARY}, body, headers FROM deliveries WHERE id = %(id)s"  # noqa: S608 - of constants
REOPEN: Final = """
    UPDATE deliveries AS closed
       SET state = 'waiting',
           tries = 0,
           received_at = %(at)s,
           due_at = %(at)s,
           note = NULL,
           closed_at = NULL
     WHERE id = %(id)s
       AND state <> 'waiting'
       AND NOT EXISTS (SELECT FROM deliveries
                        WHERE body_hash = closed.body_hash AND state = 'waiting' AND tries = 0)
"""
STATS: Final = """
    SELECT coalesce(sum(received), 0) AS received,
           coalesce(sum(received - 1), 0) AS merged,
           count(*) FILTER (WHERE state = 'waiting') AS waiting,
           count(*) FILTER (WHERE state = 'done') AS done,
           count(*) FILTER (WHERE state = 'ignored') AS ignored,
           count(*) FILTER (WHERE state = 'held') AS held,
           min(received_at) FILTER (WHERE state = 'waiting') AS oldest_waiting
      FROM deliveries
"""
# By the partial indexes: what was done or ignored is not looked at.
BACKLOG: Final = """
    SELECT (SELECT count(*) FROM deliveries WHERE state = 'waiting') AS waiting,
           (SELECT count(*) FROM deliveries WHERE state = 'held') AS held,
           (SELECT min(received_at) FROM deliveries WHERE state = 'waiting') AS oldest_waiting
"""
# One worker at a time: any constant will do, as long as nothing else in the database takes the same one.
LOCK_STRANDED: Final = "SELECT pg_advisory_xact_lock(7011826410)"
STRANDED: Final = """
    SELECT id
      FROM deliveries
     WHERE state = 'waiting'
       AND due_at < %(before)s
       AND NOT EXISTS (SELECT FROM pgqueuer
                        WHERE payload = convert_to(deliveries.id::text, 'UTF8') AND status IN ('queued', 'picked'))
     ORDER BY id
     LIMIT %(limit)s
"""
CLOSE: Final = """
    UPDATE deliveries
       SET state = %(state)s,
           note = %(note)s,
           closed_at = %(at)s
     WHERE id = %(id)s AND state = 'waiting'
"""
POSTPONE: Final = """
    UPDATE deliveries
       SET due_at = %(until)s,
           note = %(note)s
     WHERE id = %(id)s AND state = 'waiting'
"""
# Two that delete at the same time take different ones.
FORGET_BEFORE: Final = """
    DELETE FROM deliveries
     WHERE id = ANY (ARRAY(SELECT id
                             FROM deliveries
                            WHERE state IN ('done', 'ignored') AND closed_at < %(moment)s
                            ORDER BY closed_at
                            LIMIT %(limit)s
                              FOR UPDATE SKIP LOCKED))
"""


class PostgresDeliveries(Deliveries):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def begin(self, delivery_id: DeliveryId) -> Delivery | None:
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(BEGIN, {"id": delivery_id})
            row = await cursor.fetchone()
            return to_delivery(row) if row else None

    async def list(self, state: DeliveryState | None, limit: int) -> Sequence[DeliverySummary]:
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(LIST, {"state": state, "limit": limit})
            return [to_summary(row) async for row in cursor]

    async def find(self, delivery_id: DeliveryId) -> DeliveryDetails | None:
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(FIND, {"id": delivery_id})
            row = await cursor.fetchone()
            return DeliveryDetails(summary=to_summary(row), body=row["body"], headers=row["headers"]) if row else None

    async def reopen(self, delivery_id: DeliveryId, at: datetime) -> bool:
        try:
            async with self._connection.transaction():
                reopened = await self._connection.execute(REOPEN, {"id": delivery_id, "at": at})
                if reopened.rowcount == 1:
                    await enqueue(self._connection, [delivery_id])
        except UniqueViolation:  # an equal one came at the same instant
            return False
        return reopened.rowcount == 1

    async def stats(self) -> DeliveryStats:
        async with self._connection.cursor(row_factory=class_row(DeliveryStats)) as cursor:
            await cursor.execute(STATS)
            [stats] = await cursor.fetchall()
            return stats

    async def backlog(self) -> DeliveryBacklog:
        async with self._connection.cursor(row_factory=class_row(DeliveryBacklog)) as cursor:
            await cursor.execute(BACKLOG)
            return await anext(cursor)

    async def close(self, delivery_id: DeliveryId, state: DeliveryState, note: str, at: datetime) -> None:
        await self._connection.execute(CLOSE, {"id": delivery_id, "state": state, "note": note, "at": at})

    async def forget_before(self, moment: datetime, limit: int) -> int:
        return (await self._connection.execute(FORGET_BEFORE, {"moment": moment, "limit": limit})).rowcount

    async def requeue_stranded(self, before: datetime, limit: int) -> int:
        async with self._connection.transaction():
            await self._connection.execute(LOCK_STRANDED)
            rows = await self._connection.execute(STRANDED, {"before": before, "limit": limit})
            if stranded := [DeliveryId(number) async for (number,) in rows]:
                await enqueue(self._connection, stranded)
        return len(stranded)

    async def postpone(self, delivery_id: DeliveryId, until: datetime, note: str) -> None:
        await self._connection.execute(POSTPONE, {"id": delivery_id, "until": until, "note": note})


def to_summary(row: DictRow) -> DeliverySummary:
    return DeliverySummary(
        id=DeliveryId(row["id"]),
        kind=DeliveryKind(row["kind"]),
        state=DeliveryState(row["state"]),
        received_at=row["received_at"],
        received=row["received"],
        tries=row["tries"],
        due_at=row["due_at"],
        note=row["note"],
        closed_at=row["closed_at"],
    )


def to_delivery(row: DictRow) -> Delivery:
    return Delivery(
        id=DeliveryId(row["id"]),
        kind=DeliveryKind(row["kind"]),
        body=row["body"],
        headers=row["headers"],
        received_at=row["received_at"],
        tries=row["tries"],
    )
