"""Somebody waits for an owner, and Nango has lost their token."""

from dataclasses import dataclass

from application.ports.provider_connections import ProviderConnections
from application.ports.unit_of_work import BeginWork
from application.repositories.ensure_connection import EnsureConnection
from application.repositories.prove_by_role import ProveByRole
from domain.connection import ConnectionId
from domain.errors import ConnectionBroken, ConnectionNotFound, InstallationSuspended
from domain.installation import InstallationId
from domain.user import User


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveWaiting:
    """After an approval their connection has the installation's token, which says what role they have there."""

    provider_connections: ProviderConnections
    prove_by_role: ProveByRole
    ensure_connection: EnsureConnection
    begin_work: BeginWork

    async def __call__(self, user: User) -> None:
        """Prove the first batch of what their connections were bound to; raises `UpstreamUnavailable`."""
        async with self.begin_work(atomic=False) as work:
            waiting = await work.approval_requests.waiting_of(user.id)
        for request in waiting:
            try:
                await self._prove(user, request.connection_id)
            except (ConnectionBroken, ConnectionNotFound, InstallationSuspended):
                continue

    async def _prove(self, user: User, connection_id: ConnectionId) -> None:
        document = await self.provider_connections.read(connection_id)
        if document.claims is None:
            return
        installation_id = InstallationId(document.claims)
        async with self.begin_work(atomic=False) as work:
            if await work.grants.proof_of(user.id, installation_id) is not None:
                return
        await self.prove_by_role(user, installation_id, connection_id)
        async with self.begin_work(atomic=False) as work:
            proof = await work.grants.proof_of(user.id, installation_id)
        if proof is not None:
            # Theirs is deleted as soon as they wait no more.
            await self.ensure_connection(installation_id)
