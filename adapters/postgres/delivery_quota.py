"""The quota of a day in PostgreSQL, for all processes."""

from datetime import UTC, datetime
from typing import Final

from psycopg_pool import AsyncConnectionPool

from adapters.postgres.pool import said_when_away
from application.ports.delivery_quota import DeliveryQuota

# One statement, and it counts nothing that does not fit: what was refused takes nothing from others.
SPEND: Final = """
    INSERT INTO delivery_quota AS today (day, bytes)
    SELECT %(day)s, %(size)s
     WHERE %(size)s <= %(quota)s
    ON CONFLICT ON CONSTRAINT delivery_quota_pkey DO UPDATE
       SET bytes = today.bytes + excluded.bytes
     WHERE today.bytes + excluded.bytes <= %(quota)s
"""


class PostgresDeliveryQuota(DeliveryQuota):
    def __init__(self, pool: AsyncConnectionPool, quota_bytes: int) -> None:
        self._pool = pool
        self._quota_bytes = quota_bytes

    async def spend(self, size_bytes: int, at: datetime) -> bool:
        asked = {"day": at.astimezone(UTC).date(), "size": size_bytes, "quota": self._quota_bytes}
        with said_when_away():
            async with self._pool.connection() as connection:
                return (await connection.execute(SPEND, asked)).rowcount == 1
