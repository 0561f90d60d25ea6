"""Connections of installations in PostgreSQL."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final, LiteralString

from psycopg import AsyncConnection
from psycopg.errors import UniqueViolation
from psycopg.rows import DictRow, dict_row

from application.ports.installation_connections import InstallationConnections
from domain.connection import ConnectionId, ConnectionState, EndUserId
from domain.installation import InstallationConnection, InstallationId

ADD: Final = """
    INSERT INTO installation_connections (id, installation_id, end_user_id, state, last_error, checked_at)
    VALUES (%(id)s, %(installation_id)s, %(end_user_id)s, %(state)s, %(last_error)s, %(checked_at)s)
    ON CONFLICT (id) DO UPDATE
       SET installation_id = excluded.installation_id,
           end_user_id = excluded.end_user_id,
           state = excluded.state,
           last_error = excluded.last_error,
           checked_at = excluded.checked_at,
           rests_until = NULL
     WHERE installation_connections.state = 'retired'
"""
SAVE: Final = """
    UPDATE installation_connections
       SET end_user_id = %(end_user_id)s,
           state = %(state)s,
           last_error = %(last_error)s,
           checked_at = %(checked_at)s,
           rests_until = NULL
     WHERE id = %(id)s AND state <> 'retired'
"""
REMOVE: Final = "DELETE FROM installation_connections WHERE id = %(id)s AND state = 'retired'"
REST: Final = "UPDATE installation_connections SET rests_until = %(until)s WHERE id = %(id)s"
COLUMNS: Final = """
    SELECT id, installation_id, end_user_id, state, last_error, checked_at
      FROM installation_connections
"""
FIND: Final = COLUMNS + " WHERE id = %(id)s"
FIND_ALL: Final = COLUMNS + " WHERE id = ANY(%(ids)s)"
CURRENT_OF: Final = COLUMNS + " WHERE installation_id = %(installation_id)s AND state <> 'retired'"
AFTER: Final = COLUMNS + " WHERE id > %(after)s ORDER BY id LIMIT %(limit)s"
UNSETTLED: Final = (
    COLUMNS
    + """
     WHERE (state = 'retired' OR end_user_id <> 'latchkey-installation-' || installation_id::text)
       AND (rests_until IS NULL OR rests_until <= %(now)s)
     ORDER BY checked_at
     LIMIT %(limit)s
"""
)


class PostgresInstallationConnections(InstallationConnections):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def find(self, connection_id: ConnectionId) -> InstallationConnection | None:
        return await self._find_one(FIND, {"id": connection_id})

    async def current_of(self, installation_id: InstallationId) -> InstallationConnection | None:
        return await self._find_one(CURRENT_OF, {"installation_id": installation_id})

    async def find_all(self, connection_ids: Collection[ConnectionId]) -> Sequence[InstallationConnection]:
        return await self._list(FIND_ALL, {"ids": list(connection_ids)})

    async def after(self, connection_id: ConnectionId, limit: int) -> Sequence[InstallationConnection]:
        return await self._list(AFTER, {"after": connection_id, "limit": limit})

    async def add(self, connection: InstallationConnection) -> bool:
        try:
            async with self._connection.transaction():
                return (await self._connection.execute(ADD, asdict(connection))).rowcount == 1
        except UniqueViolation:  # the installation has another one
            return False

    async def save(self, connection: InstallationConnection) -> None:
        await self._connection.execute(SAVE, asdict(connection))

    async def remove(self, connection_id: ConnectionId) -> None:
        await self._connection.execute(REMOVE, {"id": connection_id})

    async def unsettled(self, now: datetime, limit: int) -> Sequence[InstallationConnection]:
        return await self._list(UNSETTLED, {"now": now, "limit": limit})

    async def rest(self, connection_id: ConnectionId, until: datetime) -> None:
        await self._connection.execute(REST, {"id": connection_id, "until": until})

    async def _list(self, query: LiteralString, parameters: DictRow) -> Sequence[InstallationConnection]:
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(query, parameters)
            return [to_connection(row) async for row in cursor]

    async def _find_one(self, query: LiteralString, parameters: DictRow) -> InstallationConnection | None:
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(query, parameters)
            row = await cursor.fetchone()
            return to_connection(row) if row else None


def to_connection(row: DictRow) -> InstallationConnection:
    return InstallationConnection(
        id=ConnectionId(row["id"]),
        installation_id=InstallationId(row["installation_id"]),
        end_user_id=EndUserId(row["end_user_id"]),
        state=ConnectionState(row["state"]),
        last_error=row["last_error"],
        checked_at=row["checked_at"],
    )
