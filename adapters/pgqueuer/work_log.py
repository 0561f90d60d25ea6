"""The queue's own log, which nothing reads: what became of a delivery is in the delivery's row."""

from typing import Final

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout, TooManyRequests

from application.ports.work_log import WorkLog
from domain.errors import UpstreamUnavailable

IS_FILLED: Final = "SELECT EXISTS (SELECT FROM pgqueuer_log) OR EXISTS (SELECT FROM pgqueuer_statistics)"
# Whoever enqueues stands behind it: a backup that reads the log must not hold them up.
NOT_FOR_LONG: Final = "SET LOCAL lock_timeout = '100ms'"
CLEAR: Final = "TRUNCATE pgqueuer_log, pgqueuer_statistics"


class PgQueuerWorkLog(WorkLog):
    def __init__(self, pool: AsyncConnectionPool) -> None:
        self._pool = pool

    async def clear(self) -> None:
        try:
            async with self._pool.connection() as connection:
                [(is_filled,)] = await (await connection.execute(IS_FILLED)).fetchall()
                if is_filled:
                    await clear(connection)
        except psycopg.errors.LockNotAvailable:
            pass  # the next time will do
        except (PoolTimeout, PoolClosed, TooManyRequests, psycopg.OperationalError) as error:
            raise UpstreamUnavailable("the database cannot be used right now") from error


async def clear(connection: AsyncConnection) -> None:
    async with connection.transaction():
        await connection.execute(NOT_FOR_LONG)
        await connection.execute(CLEAR)
