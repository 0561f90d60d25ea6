"""Nango's connections, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.provider_connections import ListedPage, ProviderConnections
from domain.connection import ConnectionId, EndUserId, ListedConnection, ProviderConnection
from domain.errors import ConnectionBroken
from tests.fakes.nango.model import FakeNango


@dataclass(frozen=True, slots=True)
class FakeProviderConnections(ProviderConnections):
    nango: FakeNango

    async def of_end_user(self, end_user_id: EndUserId) -> Sequence[ConnectionId]:
        with self.nango.called("of_end_user"):
            return [
                connection.id
                for connection in reversed(self.nango.connections.values())
                if connection.end_user_id == end_user_id and connection.integration == self.nango.integration
            ]

    async def list_page(self, number: int) -> ListedPage:
        with self.nango.called("list_page"):
            size = self.nango.page_size
            listed = [
                ListedConnection(
                    id=one.id, end_user_id=one.end_user_id, has_errors=one.is_broken, created_at=one.authorized_at
                )
                for one in reversed(self.nango.connections.values())
                if one.integration == self.nango.integration
            ][number * size : (number + 1) * size]
            return ListedPage(connections=listed, is_last=len(listed) < size)

    async def read(self, connection_id: ConnectionId) -> ProviderConnection:
        with self.nango.called("read"):
            found = self.nango.find(connection_id)
            if found.is_broken:
                raise ConnectionBroken("its credentials cannot be refreshed")
            return ProviderConnection(
                id=found.id,
                integration=found.integration,
                end_user_id=found.end_user_id,
                tagged_end_user_id=found.tagged_end_user_id,
                config_keys=found.config_keys,
                has_client_override=found.has_client_override,
                authorized_at=found.authorized_at,
                kind=self.nango.kind,
                claims=found.claims,
                has_app_token=self.nango.gives_app_tokens,
            )

    async def assign(self, connection_id: ConnectionId, end_user_id: EndUserId) -> None:
        with self.nango.called("assign"):
            found = self.nango.find(connection_id)
            found.end_user_id = found.tagged_end_user_id = end_user_id

    async def delete(self, connection_id: ConnectionId) -> None:
        with self.nango.called("delete"):
            self.nango.connections.pop(connection_id, None)
