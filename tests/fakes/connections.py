"""Connections in memory."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from application.ports.connections import Connections
from domain.connection import Connection, ConnectionId, ConnectionKind, ConnectionState
from domain.user import UserId


class InMemoryConnections(Connections):
    def __init__(self, rows: dict[ConnectionId, Connection], rests: dict[ConnectionId, datetime]) -> None:
        self._rows = rows
        self._rests = rests

    async def find(self, connection_id: ConnectionId) -> Connection | None:
        return self._rows.get(connection_id)

    async def current_login_of(self, user_id: UserId) -> Connection | None:
        return next(
            (
                connection
                for connection in self._rows.values()
                if connection.user_id == user_id
                and connection.kind is ConnectionKind.LOGIN
                and connection.state is not ConnectionState.RETIRED
            ),
            None,
        )

    async def find_all(self, connection_ids: Collection[ConnectionId]) -> Sequence[Connection]:
        return [self._rows[one] for one in connection_ids if one in self._rows]

    async def current_logins_of(self, user_ids: Collection[UserId]) -> Sequence[Connection]:
        found = [await self.current_login_of(user_id) for user_id in user_ids]
        return [connection for connection in found if connection is not None]

    async def logins_after(self, connection_id: ConnectionId, limit: int) -> Sequence[Connection]:
        found = [one for one in self._rows.values() if one.kind is ConnectionKind.LOGIN and one.id > connection_id]
        return sorted(found, key=lambda connection: connection.id)[:limit]

    async def add(self, connection: Connection) -> None:
        if connection.id in self._rows:
            raise AssertionError("a connection is added once")
        if connection.state is not ConnectionState.RETIRED and await self.current_login_of(connection.user_id):
            raise AssertionError("a user has one login connection that is not retired")
        self._rows[connection.id] = connection

    async def save(self, connection: Connection) -> None:
        stored = self._rows.get(connection.id)
        if stored is None or stored.state is ConnectionState.RETIRED:
            return
        self._rests.pop(connection.id, None)
        self._rows[connection.id] = replace(
            stored,
            end_user_id=connection.end_user_id,
            state=connection.state,
            last_error=connection.last_error,
            checked_at=connection.checked_at,
            reads_access=connection.reads_access,
        )

    async def remove(self, connection_id: ConnectionId) -> None:
        stored = self._rows.get(connection_id)
        if stored is not None and stored.state is ConnectionState.RETIRED:
            del self._rows[connection_id]

    async def unsettled(self, now: datetime, limit: int, user_id: UserId | None = None) -> Sequence[Connection]:
        found = [
            connection
            for connection in self._rows.values()
            if not connection.is_settled
            and user_id in {None, connection.user_id}
            and self._rests.get(connection.id, now) <= now
        ]
        return sorted(found, key=lambda connection: connection.checked_at)[:limit]

    async def rest(self, connection_id: ConnectionId, until: datetime) -> None:
        self._rests[connection_id] = until
