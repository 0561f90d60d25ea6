"""Have the one Nango connection of an installation."""

from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.installation_imports import InstallationImports
from application.ports.unit_of_work import BeginWork
from domain.connection import ConnectionId, ConnectionState, EndUserId
from domain.installation import InstallationConnection, InstallationId, holder_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A connection that Nango has bound to an installation by itself; held by whoever connected."""

    connection_id: ConnectionId
    installation_id: InstallationId
    end_user_id: EndUserId


@dataclass(frozen=True, slots=True, kw_only=True)
class EnsureConnection:
    """Only after somebody proved the installation, and never one per claim.

    It is made by us under a fixed id, unless Nango has just made one by itself.
    """

    installation_imports: InstallationImports
    begin_work: BeginWork
    clock: Clock

    async def __call__(self, installation_id: InstallationId, offer: Offer | None = None) -> ConnectionId:
        """Return it, made if there is none that works; raises `ConnectionBroken` and `UpstreamUnavailable`."""
        async with self.begin_work(atomic=False) as work:
            current = await work.installation_connections.current_of(installation_id)
        if current is not None and current.state is ConnectionState.LIVE:
            return current.id
        began = self.clock.now()
        if offer is not None and offer.installation_id == installation_id:
            connection_id, end_user_id = offer.connection_id, offer.end_user_id
        else:
            connection_id = await self.installation_imports.make(installation_id)
            end_user_id = holder_of(installation_id)
        made = InstallationConnection(
            id=connection_id,
            installation_id=installation_id,
            end_user_id=end_user_id,
            state=ConnectionState.LIVE,
            checked_at=began,
        )
        async with self.begin_work() as work:
            if current is not None and current.id == connection_id:
                await work.installation_connections.save(current.verified(end_user_id, began))
            elif current is not None:
                await work.installation_connections.save(current.retired("another connection replaced it"))
            # Somebody else may have made it meanwhile: then it is the same one.
            if await work.installation_connections.add(made):
                # It may have the id of one that is gone, and its syncs and their records with it.
                await work.syncs.read_anew(installation_id, began)
                await work.sync_scopes.forget_told(installation_id, began)
        return connection_id
