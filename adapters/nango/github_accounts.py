"""GitHub's own words on who is behind a connection, through Nango's proxy."""

from dataclasses import dataclass

from adapters.nango.budget import Share
from adapters.nango.calls import Answer
from adapters.nango.client import NangoClient
from adapters.nango.documents import GitHubUser
from adapters.nango.proxied_github import ProxiedGitHub
from application.ports.github_accounts import GitHubAccounts
from domain.connection import ConnectionId, ConnectionKind
from domain.user import GitHubAccount, GitHubId


@dataclass(frozen=True, slots=True)
class NangoGitHubAccounts(GitHubAccounts):
    """Costs one call of the share."""

    client: NangoClient
    integration: str
    share: Share
    kind: ConnectionKind = ConnectionKind.LOGIN

    async def behind(self, connection_id: ConnectionId) -> GitHubAccount:
        github = ProxiedGitHub(
            client=self.client,
            share=self.share,
            integration=self.integration,
            kind=self.kind,
            connection_id=connection_id,
        )
        return account_in(github.ok(await github.get("/user", "/user")))


def account_in(answer: Answer) -> GitHubAccount:
    """Read the answer of `GET /user`."""
    user = answer.decode(GitHubUser)
    return GitHubAccount(
        id=GitHubId(user.id),
        login=user.login,
        name=user.name,
        email=user.email or None,
        avatar_url=user.avatar_url,
    )
