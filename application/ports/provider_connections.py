"""The connections as Nango has them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.connection import ConnectionId, EndUserId, ListedConnection, ProviderConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPage:
    connections: Sequence[ListedConnection]
    is_last: bool


class ProviderConnections(Protocol):
    """Connections of one integration, in Nango. Every method raises `UpstreamUnavailable`."""

    async def of_end_user(self, end_user_id: EndUserId) -> Sequence[ConnectionId]:
        """List the connections of an end user, newest first."""
        ...

    async def list_page(self, number: int) -> ListedPage:
        """List a page of all connections, newest first; the first is number 0.

        What is made or deleted between two pages moves the rest: some are then listed twice, or not at all.
        """
        ...

    async def read(self, connection_id: ConnectionId) -> ProviderConnection:
        """Read one; raises `ConnectionNotFound`, and `ConnectionBroken` if its credentials cannot be refreshed."""
        ...

    async def assign(self, connection_id: ConnectionId, end_user_id: EndUserId) -> None:
        """Give it this end user, tags included; raises `ConnectionNotFound`."""
        ...

    async def delete(self, connection_id: ConnectionId) -> None:
        """Delete one; one that is not there counts as deleted."""
        ...
