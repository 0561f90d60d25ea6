"""Sessions in PostgreSQL."""

from dataclasses import asdict
from datetime import datetime
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import class_row

from application.ports.sessions import Sessions
from domain.secret import SecretHash
from domain.session import Session, SessionId

ADD: Final = """
    INSERT INTO sessions (id, user_id, secret_hash, created_at, expires_at)
    VALUES (%(id)s, %(user_id)s, %(secret_hash)s, %(created_at)s, %(expires_at)s)
"""
FIND: Final = """
    SELECT id, user_id, secret_hash, created_at, expires_at
      FROM sessions
     WHERE id = %(id)s AND expires_at > %(now)s
"""
FIND_BY_COOKIE: Final = """
    SELECT id, user_id, secret_hash, created_at, expires_at
      FROM sessions
     WHERE secret_hash = %(secret_hash)s AND expires_at > %(now)s
"""
END: Final = "DELETE FROM sessions WHERE id = %(id)s"
FORGET_BEFORE: Final = "DELETE FROM sessions WHERE expires_at < %(moment)s"


class PostgresSessions(Sessions):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, session: Session) -> None:
        await self._connection.execute(ADD, asdict(session))

    async def find(self, session_id: SessionId, now: datetime) -> Session | None:
        async with self._connection.cursor(row_factory=class_row(Session)) as cursor:
            await cursor.execute(FIND, {"id": session_id, "now": now})
            return await cursor.fetchone()

    async def find_by_secret(self, secret_hash: SecretHash, now: datetime) -> Session | None:
        async with self._connection.cursor(row_factory=class_row(Session)) as cursor:
            await cursor.execute(FIND_BY_COOKIE, {"secret_hash": secret_hash, "now": now})
            return await cursor.fetchone()

    async def end(self, session_id: SessionId) -> None:
        await self._connection.execute(END, {"id": session_id})

    async def forget_before(self, moment: datetime) -> int:
        return (await self._connection.execute(FORGET_BEFORE, {"moment": moment})).rowcount
