"""Connections in PostgreSQL."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final, LiteralString

from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row

from application.ports.connections import Connections
from domain.connection import Connection, ConnectionId, ConnectionKind, ConnectionState, EndUserId
from domain.user import UserId

ADD: Final = """
    INSERT INTO connections (id, kind, user_id, end_user_id, state, last_error, authorized_at, checked_at,
                             reads_access)
    VALUES (%(id)s, %(kind)s, %(user_id)s, %(end_user_id)s, %(state)s, %(last_error)s, %(authorized_at)s,
            %(checked_at)s, %(reads_access)s)
"""
SAVE: Final = """
    UPDATE connections
       SET end_user_id = %(end_user_id)s,
           state = %(state)s,
           last_error = %(last_error)s,
           checked_at = %(checked_at)s,
           reads_access = %(reads_access)s,
           rests_until = NULL
     WHERE id = %(id)s AND state <> 'retired'
"""
REMOVE: Final = "DELETE FROM connections WHERE id = %(id)s AND state = 'retired'"
REST: Final = "UPDATE connections SET rests_until = %(until)s WHERE id = %(id)s"
COLUMNS: Final = """
    SELECT id, kind, user_id, end_user_id, state, last_error, authorized_at, checked_at, reads_access
      FROM connections
"""
FIND: Final = COLUMNS + " WHERE id = %(id)s"
FIND_ALL: Final = COLUMNS + " WHERE id = ANY(%(ids)s)"
CURRENT_LOGINS_OF: Final = COLUMNS + " WHERE user_id = ANY(%(user_ids)s) AND kind = 'login' AND state <> 'retired'"
LOGINS_AFTER: Final = COLUMNS + " WHERE id > %(after)s AND kind = 'login' ORDER BY id LIMIT %(limit)s"
CURRENT_LOGIN_OF: Final = COLUMNS + " WHERE user_id = %(user_id)s AND kind = 'login' AND state <> 'retired'"
UNSETTLED: Final = (
    COLUMNS
    + """
     WHERE (state = 'retired' OR end_user_id <> user_id::text)
       AND (rests_until IS NULL OR rests_until <= %(now)s)
       AND (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s)
     ORDER BY checked_at
     LIMIT %(limit)s
"""
)


class PostgresConnections(Connections):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def find(self, connection_id: ConnectionId) -> Connection | None:
        return await self._find_one(FIND, {"id": connection_id})

    async def current_login_of(self, user_id: UserId) -> Connection | None:
        return await self._find_one(CURRENT_LOGIN_OF, {"user_id": user_id})

    async def find_all(self, connection_ids: Collection[ConnectionId]) -> Sequence[Connection]:
        return await self._list(FIND_ALL, {"ids": list(connection_ids)})

    async def current_logins_of(self, user_ids: Collection[UserId]) -> Sequence[Connection]:
        return await self._list(CURRENT_LOGINS_OF, {"user_ids": list(user_ids)})

    async def logins_after(self, connection_id: ConnectionId, limit: int) -> Sequence[Connection]:
        return await self._list(LOGINS_AFTER, {"after": connection_id, "limit": limit})

    async def add(self, connection: Connection) -> None:
        await self._connection.execute(ADD, asdict(connection))

    async def save(self, connection: Connection) -> None:
        await self._connection.execute(SAVE, asdict(connection))

    async def remove(self, connection_id: ConnectionId) -> None:
        await self._connection.execute(REMOVE, {"id": connection_id})

    async def unsettled(self, now: datetime, limit: int, user_id: UserId | None = None) -> Sequence[Connection]:
        return await self._list(UNSETTLED, {"now": now, "limit": limit, "user_id": user_id})

    async def rest(self, connection_id: ConnectionId, until: datetime) -> None:
        await self._connection.execute(REST, {"id": connection_id, "until": until})

    async def _list(self, query: LiteralString, parameters: DictRow) -> Sequence[Connection]:
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(query, parameters)
            return [to_connection(row) async for row in cursor]

    async def _find_one(self, query: LiteralString, parameters: DictRow) -> Connection | None:
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(query, parameters)
            row = await cursor.fetchone()
            return to_connection(row) if row else None


def to_connection(row: DictRow) -> Connection:
    return Connection(
        id=ConnectionId(row["id"]),
        kind=ConnectionKind(row["kind"]),
        user_id=UserId(row["user_id"]),
        end_user_id=EndUserId(row["end_user_id"]),
        state=ConnectionState(row["state"]),
        last_error=row["last_error"],
        authorized_at=row["authorized_at"],
        checked_at=row["checked_at"],
        reads_access=row["reads_access"],
    )
