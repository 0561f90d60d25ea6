"""An auth webhook names an installation's connection, or the one that somebody made to ask an owner."""

from dataclasses import dataclass, replace
from functools import partial

from application.deliveries.recheck_login import is_failed_refresh
from application.deliveries.reread_hinted import SOON, RereadHinted
from application.ports.clock import Clock
from application.ports.provider_connections import ProviderConnections
from application.ports.unit_of_work import BeginWork
from application.repositories.renew_hinted import RenewHinted
from application.repositories.reread_installation import RereadInstallation
from domain.connection import ConnectionId, ConnectionState, EndUserId
from domain.delivery import Delivery, DeliveryState
from domain.errors import ConnectionBroken, ConnectionNotFound
from domain.installation import InstallationConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class RecheckInstallation:
    """Nango may have given the connection to somebody else: our rows never follow, and it is patched back."""

    provider_connections: ProviderConnections
    reread_hinted: RereadHinted
    reread_installation: RereadInstallation
    renew_hinted: RenewHinted
    begin_work: BeginWork
    clock: Clock

    async def __call__(self, connection_id: ConnectionId, delivery: Delivery) -> tuple[DeliveryState, str] | None:
        """Return what became of the hint; None if the connection is not known. Raises `Postponed`."""
        async with self.begin_work(atomic=False) as work:
            row = await work.installation_connections.find(connection_id)
            request = await work.approval_requests.find_by_connection(connection_id)
        if request is not None and request.is_waiting:
            return await self.reread_hinted(
                f"person {request.user_id}", delivery.received_at, partial(self.renew_hinted, request.user_id), SOON
            )
        if row is None:
            return None
        if row.state is ConnectionState.RETIRED:
            return DeliveryState.DONE, "the connection is being deleted"
        if row.state is ConnectionState.BROKEN and is_failed_refresh(delivery.body):
            # Reading it has Nango try the refresh again, and send this again: that would go on for ever.
            return DeliveryState.DONE, "the connection is known to be broken"
        return await self.reread_hinted(f"connection {row.id}", delivery.received_at, partial(self._look, row))

    async def _look(self, row: InstallationConnection) -> str:
        try:
            document = await self.provider_connections.read(row.id)
        except ConnectionNotFound:
            found = row.retired("it is gone in Nango")
        except ConnectionBroken as error:
            found = row.broken(str(error), self.clock.now())
        else:
            holder = document.end_user_id or EndUserId("")
            if document.claims != row.installation_id:
                found = row.retired("Nango bound it to another installation")
            else:
                found = replace(row.verified(holder, row.checked_at), last_error=None)
        async with self.begin_work(atomic=False) as work:
            await work.installation_connections.save(found)
        if found.state is ConnectionState.LIVE:
            return "read back"
        return await self.reread_installation(row.installation_id)
