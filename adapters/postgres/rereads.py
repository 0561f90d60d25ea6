"""Readings because of hints, in PostgreSQL."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, LiteralString

from psycopg import AsyncConnection
from psycopg.rows import scalar_row

from application.ports.rereads import Rereads

LAST: Final = "SELECT read_at FROM rereads WHERE subject = %(subject)s"
# One statement: of many hints at once, one has it read.
BEGIN: Final = """
    INSERT INTO rereads AS known (subject, tried_at)
    VALUES (%(subject)s, %(now)s)
    ON CONFLICT (subject) DO UPDATE
       SET tried_at = excluded.tried_at
     WHERE known.tried_at <= %(rested_since)s
"""
TRIED: Final = "SELECT tried_at FROM rereads WHERE subject = %(subject)s AND tried_at > %(rested_since)s"
NOTE: Final = """
    UPDATE rereads
       SET read_at = greatest(read_at, %(began_at)s)
     WHERE subject = %(subject)s
"""
WITHDRAW: Final = "UPDATE rereads SET tried_at = '-infinity' WHERE subject = %(subject)s AND tried_at = %(began_at)s"
FORGET_BEFORE: Final = "DELETE FROM rereads WHERE tried_at < %(moment)s"


class PostgresRereads(Rereads):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def last(self, subject: str) -> datetime | None:
        return await self._one(LAST, {"subject": subject})

    async def begin(self, subject: str, now: datetime, rested_since: datetime) -> datetime | None:
        parameters = {"subject": subject, "now": now, "rested_since": rested_since}
        while (await self._connection.execute(BEGIN, parameters)).rowcount == 0:
            # Whoever tried may have withdrawn it meanwhile.
            if (tried := await self._one(TRIED, parameters)) is not None:
                return tried
        return None

    async def note(self, subject: str, began_at: datetime) -> None:
        await self._connection.execute(NOTE, {"subject": subject, "began_at": began_at})

    async def withdraw(self, subject: str, began_at: datetime) -> None:
        await self._connection.execute(WITHDRAW, {"subject": subject, "began_at": began_at})

    async def forget_before(self, moment: datetime) -> int:
        return (await self._connection.execute(FORGET_BEFORE, {"moment": moment})).rowcount

    async def _one(self, query: LiteralString, parameters: Mapping[str, object]) -> datetime | None:
        async with self._connection.cursor(row_factory=scalar_row) as cursor:
            await cursor.execute(query, parameters)
            return await cursor.fetchone()
