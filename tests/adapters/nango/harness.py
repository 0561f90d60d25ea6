"""What a contract suite needs besides the port: somebody at GitHub, and trouble to order."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from application.ports.authorizations import Authorizations
from application.ports.github_accounts import GitHubAccounts
from application.ports.provider_connections import ProviderConnections
from domain.attempt import ProviderAnswer
from domain.connection import ConnectionId, EndUserId
from domain.secret import Secret
from domain.user import GitHubAccount, GitHubId
from tests.fakes.nango.authorizations import FakeAuthorizations
from tests.fakes.nango.github_accounts import FakeGitHubAccounts
from tests.fakes.nango.model import FakeNango
from tests.fakes.nango.provider_connections import FakeProviderConnections

ADA = GitHubAccount(id=GitHubId(1001), login="octo-a", name="OCTO-A", email=None, avatar_url=None)
PAGE_SIZE = 2
CALLBACK_URL = "http://127.0.0.1:8000/oauth/callback"


class Person(Protocol):
    """Somebody whom the browser's URL led to GitHub."""

    account: GitHubAccount

    async def approve(self, url: str) -> ProviderAnswer: ...

    async def deny(self, url: str) -> ProviderAnswer: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Harness:
    """Three ports on one Nango; `break_credentials` stops Nango's refresh, `revoke` GitHub's trust in the token."""

    authorizations: Authorizations
    connections: ProviderConnections
    accounts: GitHubAccounts
    person: Person
    integration: str
    break_credentials: Callable[[ConnectionId], Awaitable[None]]
    revoke: Callable[[ConnectionId], Awaitable[None]]

    async def sign_in(self, end_user_id: EndUserId) -> ConnectionId:
        """Make a connection in the ordinary way."""
        started = await self.authorizations.start(end_user_id, Secret("our-state"))
        assert await self.authorizations.finish(started.pending, await self.person.approve(started.url))
        return (await self.connections.of_end_user(end_user_id))[0]


@dataclass(frozen=True, slots=True)
class FakePerson(Person):
    nango: FakeNango
    account: GitHubAccount = ADA

    async def approve(self, url: str) -> ProviderAnswer:
        assert url
        return self.nango.approval_by(self.account)

    async def deny(self, url: str) -> ProviderAnswer:
        assert url
        return self.nango.denial()


def fake_harness() -> Harness:
    nango = FakeNango(page_size=PAGE_SIZE)
    return harness_on(nango, FakeAuthorizations(nango), FakeProviderConnections(nango), FakeGitHubAccounts(nango))


def harness_on(
    nango: FakeNango, authorizations: Authorizations, connections: ProviderConnections, accounts: GitHubAccounts
) -> Harness:
    async def break_credentials(connection_id: ConnectionId) -> None:
        nango.connections[connection_id].is_broken = True

    async def revoke(connection_id: ConnectionId) -> None:
        nango.connections[connection_id].is_revoked = True

    return Harness(
        authorizations=authorizations,
        connections=connections,
        accounts=accounts,
        person=FakePerson(nango),
        integration=nango.integration,
        break_credentials=break_credentials,
        revoke=revoke,
    )
