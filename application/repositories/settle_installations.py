"""Make Nango agree with our rows of installations' connections."""

from dataclasses import dataclass, replace

from application.login.settle_connections import BATCH, REST
from application.ports.clock import Clock
from application.ports.provider_connections import ProviderConnections
from application.ports.unit_of_work import BeginWork
from domain.connection import ConnectionState
from domain.errors import ConnectionNotFound
from domain.installation import InstallationConnection, holder_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleInstallations:
    """Delete what is retired, and patch back what Nango gave to whoever came last."""

    provider_connections: ProviderConnections
    begin_work: BeginWork
    clock: Clock

    async def __call__(self) -> int:
        """Settle a batch; tell how many. Raises `UpstreamUnavailable`."""
        async with self.begin_work(atomic=False) as work:
            unsettled = await work.installation_connections.unsettled(self.clock.now(), BATCH)
        for connection in unsettled:
            async with self.begin_work(atomic=False) as work:
                # Whatever happens now, the others come first next time.
                await work.installation_connections.rest(connection.id, self.clock.now() + REST)
            await self._settle(connection)
        return len(unsettled)

    async def _settle(self, connection: InstallationConnection) -> None:
        if connection.state is ConnectionState.RETIRED:
            await self.provider_connections.delete(connection.id)
            async with self.begin_work(atomic=False) as work:
                await work.installation_connections.remove(connection.id)
            return
        holder = holder_of(connection.installation_id)
        try:
            await self.provider_connections.assign(connection.id, holder)
        except ConnectionNotFound:
            settled = connection.retired("it is gone in Nango")
        else:
            settled = replace(connection, end_user_id=holder)
        async with self.begin_work(atomic=False) as work:
            await work.installation_connections.save(settled)
