"""The people behind the fake connections."""

from dataclasses import dataclass

from application.ports.github_accounts import GitHubAccounts
from domain.connection import ConnectionId
from domain.errors import ConnectionBroken, UpstreamUnavailable
from domain.user import GitHubAccount
from tests.fakes.nango.model import FakeNango


@dataclass(frozen=True, slots=True)
class FakeGitHubAccounts(GitHubAccounts):
    nango: FakeNango

    async def behind(self, connection_id: ConnectionId) -> GitHubAccount:
        with self.nango.called("behind"):
            found = self.nango.find(connection_id)
            if found.is_broken or found.is_revoked:
                raise ConnectionBroken("its token does not work")
            if found.claims is not None:
                raise UpstreamUnavailable("an installation's token is nobody's")
            return found.account
