"""Readings because of hints, in PostgreSQL."""

from datetime import datetime
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import scalar_row

from application.ports.rereads import Rereads

LAST: Final = "SELECT began_at FROM rereads WHERE subject = %(subject)s"
NOTE: Final = """
    INSERT INTO rereads AS known (subject, began_at)
    VALUES (%(subject)s, %(began_at)s)
    ON CONFLICT (subject) DO UPDATE
       SET began_at = excluded.began_at
     WHERE known.began_at < excluded.began_at
"""
FORGET_BEFORE: Final = "DELETE FROM rereads WHERE began_at < %(moment)s"


class PostgresRereads(Rereads):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def last(self, subject: str) -> datetime | None:
        async with self._connection.cursor(row_factory=scalar_row) as cursor:
            await cursor.execute(LAST, {"subject": subject})
            return await cursor.fetchone()

    async def note(self, subject: str, began_at: datetime) -> None:
        await self._connection.execute(NOTE, {"subject": subject, "began_at": began_at})

    async def forget_before(self, moment: datetime) -> int:
        return (await self._connection.execute(FORGET_BEFORE, {"moment": moment})).rowcount
