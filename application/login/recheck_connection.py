"""Look again at a login connection that we know."""

from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.github_accounts import GitHubAccounts
from application.ports.provider_connections import ProviderConnections
from application.ports.unit_of_work import BeginWork
from domain.connection import Connection, EndUserId
from domain.errors import ConnectionBroken, ConnectionNotFound
from domain.user import User


@dataclass(frozen=True, slots=True, kw_only=True)
class RecheckConnection:
    """Converge on what Nango and GitHub say now: it works, it is broken, it is gone, or it is somebody else's."""

    provider_connections: ProviderConnections
    github_accounts: GitHubAccounts
    begin_work: BeginWork
    clock: Clock
    integration: str

    async def __call__(self, connection: Connection) -> None:
        """Store what was found; raises `UpstreamUnavailable` if nothing could be."""
        async with self.begin_work(atomic=False) as work:
            user = await work.users.find(connection.user_id)
        found = await self._look(connection, user)
        async with self.begin_work(atomic=False) as work:
            await work.connections.save(found)

    async def _look(self, connection: Connection, user: User | None) -> Connection:
        now = self.clock.now()
        try:
            document = await self.provider_connections.read(connection.id)
            account = await self.github_accounts.behind(connection.id)
        except ConnectionNotFound:
            return connection.retired("it is gone in Nango")
        except ConnectionBroken as broken:
            return connection.broken(str(broken), now)
        if odd := document.configuration_objection:
            # Perhaps only a newer Nango: nothing is proven by it, and nothing is deleted for it.
            return connection.broken(odd, now)
        if objection := document.proof_objection(self.integration):
            return connection.retired(objection)
        if user is None or account.id != user.account.id:
            # Cut off, never re-keyed: the same connection now answers for another person.
            return connection.retired("another GitHub account is behind it now")
        # Our rows never follow a tag: a foreign end user is noted here, and patched back.
        return connection.verified(document.end_user_id or EndUserId(""), now, reads_access=document.has_app_token)
