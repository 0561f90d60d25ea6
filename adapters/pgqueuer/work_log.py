"""The queue's own log, which nothing reads: what became of a delivery is in the delivery's row."""

from contextlib import suppress
from typing import Final

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from adapters.postgres.pool import said_when_away
from application.ports.work_log import WorkLog

IS_FILLED: Final = "SELECT EXISTS (SELECT FROM pgqueuer_log) OR EXISTS (SELECT FROM pgqueuer_statistics)"
# Whoever enqueues stands behind it: a backup that reads the log must not hold them up.
NOT_FOR_LONG: Final = "SET LOCAL lock_timeout = '100ms'"
CLEAR: Final = "TRUNCATE pgqueuer_log, pgqueuer_statistics"


class PgQueuerWorkLog(WorkLog):
    def __init__(self, pool: AsyncConnectionPool) -> None:
        self._pool = pool

    async def clear(self) -> None:
        # Where somebody reads it, the next time will do.
        with said_when_away(), suppress(psycopg.errors.LockNotAvailable):
            async with self._pool.connection() as connection:
                [(is_filled,)] = await (await connection.execute(IS_FILLED)).fetchall()
                if is_filled:
                    await clear(connection)


async def clear(connection: AsyncConnection) -> None:
    async with connection.transaction():
        await connection.execute(NOT_FOR_LONG)
        await connection.execute(CLEAR)
