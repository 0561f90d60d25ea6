"""The Nango connections of installations."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from domain.connection import ConnectionId
from domain.installation import InstallationConnection, InstallationId


class InstallationConnections(Protocol):
    """At most one connection of an installation is not retired."""

    async def find(self, connection_id: ConnectionId) -> InstallationConnection | None: ...

    async def current_of(self, installation_id: InstallationId) -> InstallationConnection | None:
        """Find the installation's connection that is not retired."""
        ...

    async def find_all(self, connection_ids: Collection[ConnectionId]) -> Sequence[InstallationConnection]:
        """Find those that exist."""
        ...

    async def after(self, connection_id: ConnectionId, limit: int) -> Sequence[InstallationConnection]:
        """List them in the order of their ids, retired ones too, from the one after this id on."""
        ...

    async def add(self, connection: InstallationConnection) -> bool:
        """Store a new one, unless its id is known or the installation has one already; tell whether it was stored.

        A retired row of the same id counts as replaced. One that is retired itself is stored beside any other.
        """
        ...

    async def save(self, connection: InstallationConnection) -> None:
        """Store what has changed of a known one; one that is retired or removed stays so."""
        ...

    async def remove(self, connection_id: ConnectionId) -> None:
        """Forget a retired one; any other is left alone."""
        ...

    async def unsettled(self, now: datetime, limit: int) -> Sequence[InstallationConnection]:
        """List those that Nango still has to be told about: retired, or with another end user than their holder."""
        ...

    async def rest(self, connection_id: ConnectionId, until: datetime) -> None:
        """Leave it out of what is unsettled until then, or until it is saved."""
        ...
