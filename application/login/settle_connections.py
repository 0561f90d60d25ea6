"""Make Nango agree with our rows."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from application.ports.clock import Clock
from application.ports.provider_connections import ProviderConnections
from application.ports.unit_of_work import BeginWork
from domain.attempt import end_user_of
from domain.connection import Connection, ConnectionState
from domain.errors import ConnectionNotFound, UpstreamUnavailable
from domain.user import UserId

BATCH: Final = 50
REST: Final = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleConnections:
    """Delete retired connections in Nango, and give the others their user as end user.

    The rows say what is left to do, so a crash or an outage only delays it.
    """

    provider_connections: ProviderConnections
    begin_work: BeginWork
    clock: Clock

    async def __call__(self, user_id: UserId | None = None) -> int:
        """Settle one user's connections, or a batch of anybody's; tell how many. Raises `UpstreamUnavailable`."""
        async with self.begin_work(atomic=False) as work:
            unsettled = await work.connections.unsettled(self.clock.now(), BATCH, user_id)
        failure: UpstreamUnavailable | None = None
        for connection in unsettled:
            async with self.begin_work(atomic=False) as work:
                # Whatever happens now, the others come first next time.
                await work.connections.rest(connection.id, self.clock.now() + REST)
            try:
                await self._settle(connection)
            except UpstreamUnavailable as error:
                # One that Nango will not take must not keep the others.
                failure = failure or error
        if failure is not None:
            raise failure
        return len(unsettled)

    async def _settle(self, connection: Connection) -> None:
        if connection.state is ConnectionState.RETIRED:
            await self.provider_connections.delete(connection.id)
            async with self.begin_work(atomic=False) as work:
                await work.connections.remove(connection.id)
            return
        end_user_id = end_user_of(connection.user_id)
        try:
            await self.provider_connections.assign(connection.id, end_user_id)
        except ConnectionNotFound:
            settled = connection.retired("it is gone in Nango")
        else:
            settled = replace(connection, end_user_id=end_user_id)
        async with self.begin_work(atomic=False) as work:
            await work.connections.save(settled)
