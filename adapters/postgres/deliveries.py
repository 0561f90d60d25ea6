"""Deliveries in PostgreSQL."""

from datetime import datetime
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row

from application.ports.deliveries import Deliveries
from domain.delivery import Delivery, DeliveryId, DeliveryKind, DeliveryState

# Moving `due_at` is the lease: a worker that dies leaves the delivery to be claimed again.
CLAIM: Final = """
    UPDATE deliveries
       SET tries = tries + 1,
           due_at = %(lease_until)s
     WHERE id = (SELECT id
                   FROM deliveries
                  WHERE state = 'waiting' AND due_at <= %(now)s
                  ORDER BY due_at, id
                  LIMIT 1
                    FOR UPDATE SKIP LOCKED)
    RETURNING id, kind, body, received_at, tries
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
FORGET_BEFORE: Final = "DELETE FROM deliveries WHERE state IN ('done', 'ignored') AND closed_at < %(moment)s"


class PostgresDeliveries(Deliveries):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def claim(self, now: datetime, lease_until: datetime) -> Delivery | None:
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(CLAIM, {"now": now, "lease_until": lease_until})
            row = await cursor.fetchone()
            return to_delivery(row) if row else None

    async def close(self, delivery_id: DeliveryId, state: DeliveryState, note: str, at: datetime) -> None:
        await self._connection.execute(CLOSE, {"id": delivery_id, "state": state, "note": note, "at": at})

    async def forget_before(self, moment: datetime) -> int:
        return (await self._connection.execute(FORGET_BEFORE, {"moment": moment})).rowcount

    async def postpone(self, delivery_id: DeliveryId, until: datetime, note: str) -> None:
        await self._connection.execute(POSTPONE, {"id": delivery_id, "until": until, "note": note})


def to_delivery(row: DictRow) -> Delivery:
    return Delivery(
        id=DeliveryId(row["id"]),
        kind=DeliveryKind(row["kind"]),
        body=row["body"],
        received_at=row["received_at"],
        tries=row["tries"],
    )
