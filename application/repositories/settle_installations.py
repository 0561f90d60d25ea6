"""Make Nango agree with our rows of installations' connections."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from application.login.settle_connections import BATCH, REST
from application.ports.clock import Clock
from application.ports.provider_connections import ProviderConnections
from application.ports.unit_of_work import BeginWork
from domain.connection import ConnectionId, ConnectionState
from domain.errors import ConnectionNotFound, UpstreamUnavailable
from domain.installation import InstallationConnection, holder_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleInstallations:
    """Delete what is retired, and patch back what Nango gave to whoever came last."""

    provider_connections: ProviderConnections
    begin_work: BeginWork
    clock: Clock
    observe: Callable[[InstallationConnection], None] = lambda _: None
    """Hears of each that was given to somebody else, and is patched back."""

    async def __call__(self) -> int:
        """Settle a batch; tell how many. Raises `UpstreamUnavailable`."""
        async with self.begin_work(atomic=False) as work:
            unsettled = await work.installation_connections.unsettled(self.clock.now(), BATCH)
        failure: UpstreamUnavailable | None = None
        for connection in unsettled:
            async with self.begin_work(atomic=False) as work:
                # Whatever happens now, the others come first next time.
                await work.installation_connections.rest(connection.id, self.clock.now() + REST)
            try:
                await self._settle(connection)
            except UpstreamUnavailable as error:
                # One that Nango will not take must not keep the others.
                failure = failure or error
        if failure is not None:
            raise failure
        return len(unsettled)

    async def _settle(self, listed: InstallationConnection) -> None:
        async with self.begin_work(atomic=False) as work:
            # Looked at again, as the list may be minutes old: the same id may be relied on anew.
            connection = await work.installation_connections.find(listed.id)
        if connection is None or connection.is_settled:
            return
        if connection.state is ConnectionState.RETIRED:
            await self.provider_connections.delete(connection.id)
            async with self.begin_work(atomic=False) as work:
                await work.installation_connections.remove(connection.id)
            return
        holder = holder_of(connection.installation_id)
        try:
            await self.provider_connections.assign(connection.id, holder)
        except ConnectionNotFound:
            await self._change(connection.id, lambda row: row.retired("it is gone in Nango"))
        else:
            await self._change(connection.id, lambda row: replace(row, end_user_id=holder))
            self.observe(connection)

    async def _change(
        self, connection_id: ConnectionId, change: Callable[[InstallationConnection], InstallationConnection]
    ) -> None:
        """Change the row as it is now, whatever else was noted meanwhile."""
        async with self.begin_work() as work:
            row = await work.installation_connections.find(connection_id)
            if row is not None:
                await work.installation_connections.save(change(row))
