"""Connections of installations in memory."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from application.ports.installation_connections import InstallationConnections
from domain.connection import ConnectionId, ConnectionState
from domain.installation import InstallationConnection, InstallationId


class InMemoryInstallationConnections(InstallationConnections):
    def __init__(self, rows: dict[ConnectionId, InstallationConnection], rests: dict[ConnectionId, datetime]) -> None:
        self._rows = rows
        self._rests = rests

    async def find(self, connection_id: ConnectionId) -> InstallationConnection | None:
        return self._rows.get(connection_id)

    async def current_of(self, installation_id: InstallationId) -> InstallationConnection | None:
        return next(
            (
                connection
                for connection in self._rows.values()
                if connection.installation_id == installation_id and connection.state is not ConnectionState.RETIRED
            ),
            None,
        )

    async def find_all(self, connection_ids: Collection[ConnectionId]) -> Sequence[InstallationConnection]:
        return [self._rows[one] for one in set(connection_ids) if one in self._rows]

    async def after(self, connection_id: ConnectionId, limit: int) -> Sequence[InstallationConnection]:
        return sorted((one for one in self._rows.values() if one.id > connection_id), key=lambda one: one.id)[:limit]

    async def add(self, connection: InstallationConnection) -> bool:
        stored = self._rows.get(connection.id)
        if stored is not None and stored.state is not ConnectionState.RETIRED:
            return False
        if connection.state is not ConnectionState.RETIRED and await self.current_of(connection.installation_id):
            return False
        self._rows[connection.id] = connection
        self._rests.pop(connection.id, None)
        return True

    async def save(self, connection: InstallationConnection) -> None:
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
        )

    async def remove(self, connection_id: ConnectionId) -> None:
        stored = self._rows.get(connection_id)
        if stored is not None and stored.state is ConnectionState.RETIRED:
            del self._rows[connection_id]
            self._rests.pop(connection_id, None)

    async def unsettled(self, now: datetime, limit: int) -> Sequence[InstallationConnection]:
        found = [
            connection
            for connection in self._rows.values()
            if not connection.is_settled and self._rests.get(connection.id, now) <= now
        ]
        return sorted(found, key=lambda connection: connection.checked_at)[:limit]

    async def rest(self, connection_id: ConnectionId, until: datetime) -> None:
        if connection_id in self._rows:
            self._rests[connection_id] = until
