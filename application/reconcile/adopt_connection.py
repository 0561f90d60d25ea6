"""Rely on a connection again whose row is lost, as after a restored backup."""

from dataclasses import dataclass

from application.login.complete_login import keep_one_connection
from application.login.settle_connections import SettleConnections
from application.ports.clock import Clock
from application.ports.github_accounts import GitHubAccounts
from application.ports.provider_connections import ProviderConnections
from application.ports.unit_of_work import BeginWork
from application.reconcile.treatment import Treatment
from domain.connection import Connection, ConnectionKind, ConnectionState, EndUserId
from domain.errors import ConnectionBroken, ConnectionNotFound
from domain.reconcile import Finding
from domain.user import UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptConnection:
    """That it names our user is a claim; what counts is that GitHub knows the same person behind it."""

    provider_connections: ProviderConnections
    github_accounts: GitHubAccounts
    settle_connections: SettleConnections
    begin_work: BeginWork
    clock: Clock
    integration: str

    async def __call__(self, finding: Finding, user_id: UserId) -> tuple[Treatment, str]:
        read_at = self.clock.now()
        end_user_id = finding.end_user_id or EndUserId("")
        try:
            document = await self.provider_connections.read(finding.connection_id)
            if objection := document.objection(self.integration, end_user_id):
                # Perhaps only a newer Nango: nothing is deleted for it.
                return Treatment.LEFT, objection
            account = await self.github_accounts.behind(finding.connection_id)
        except (ConnectionNotFound, ConnectionBroken) as error:
            return Treatment.LEFT, str(error)
        connection = Connection(
            id=finding.connection_id,
            kind=ConnectionKind.LOGIN,
            user_id=user_id,
            end_user_id=end_user_id,
            state=ConnectionState.LIVE,
            authorized_at=document.authorized_at,
            checked_at=read_at,
        )
        async with self.begin_work() as work:
            user = await work.users.lock(user_id)
            is_theirs = user is not None and user.account.id == account.id
            if is_theirs and await work.connections.find(connection.id) is None:
                await keep_one_connection(work, connection)
        if not is_theirs:
            await self.provider_connections.delete(connection.id)
            return Treatment.HEALED, "deleted: GitHub says that it is another person's"
        await self.settle_connections(user_id)
        return Treatment.HEALED, "it is the user's login connection again"
