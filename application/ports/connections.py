"""The connections that we rely on."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from domain.connection import Connection, ConnectionId
from domain.user import UserId


class Connections(Protocol):
    """At most one login connection of a user is not retired."""

    async def find(self, connection_id: ConnectionId) -> Connection | None: ...

    async def current_login_of(self, user_id: UserId) -> Connection | None:
        """Find the user's login connection that is not retired."""
        ...

    async def find_all(self, connection_ids: Collection[ConnectionId]) -> Sequence[Connection]:
        """Find those that exist."""
        ...

    async def current_logins_of(self, user_ids: Collection[UserId]) -> Sequence[Connection]:
        """Find these users' login connections that are not retired."""
        ...

    async def logins_after(self, connection_id: ConnectionId, limit: int) -> Sequence[Connection]:
        """List login connections in the order of their ids, retired ones too, from the one after this id on."""
        ...

    async def add(self, connection: Connection) -> None: ...

    async def save(self, connection: Connection) -> None:
        """Store what has changed of a known connection; one that is retired or removed stays so."""
        ...

    async def remove(self, connection_id: ConnectionId) -> None:
        """Forget a retired connection; any other is left alone."""
        ...

    async def unsettled(self, now: datetime, limit: int, user_id: UserId | None = None) -> Sequence[Connection]:
        """List connections that Nango still has to be told about: retired, or with another end user than their user."""
        ...

    async def rest(self, connection_id: ConnectionId, until: datetime) -> None:
        """Leave it out of what is unsettled until then, or until it is saved."""
        ...
