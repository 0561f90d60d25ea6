"""How the queue's library reaches the database while it works."""

from pgqueuer.adapters.drivers.psycopg import PsycopgDriver
from psycopg import AsyncConnection, AsyncRawCursor
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool


class ListeningDriver(PsycopgDriver):
    """Listens over one connection and asks over others.

    The library does both over one, where listening holds the connection's lock for a second: a delivery would wait as
    long before it is taken.
    """

    def __init__(self, listening: AsyncConnection, pool: AsyncConnectionPool) -> None:
        super().__init__(listening)
        self._pool = pool

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        async with self._pool.connection() as connection:
            cursor = AsyncRawCursor(connection, row_factory=dict_row)
            await cursor.execute(query.encode(), args or None)
            return await cursor.fetchall()

    async def notify(self, channel: str, payload: str) -> None:
        # The library sends itself a message to hear whether it listens: over a connection of the pool, that could
        # overtake the LISTEN, and would not be heard.
        await super().execute("SELECT pg_notify($1, $2)", channel, payload)

    async def execute(self, query: str, *args: object) -> str:
        async with self._pool.connection() as connection:
            cursor = AsyncRawCursor(connection)
            await cursor.execute(query.encode(), args or None)
            return cursor.statusmessage or ""
