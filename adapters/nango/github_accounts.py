"""GitHub's own words on who is behind a connection, through Nango's proxy."""

from dataclasses import dataclass
from http import HTTPStatus

from adapters.nango.budget import Share
from adapters.nango.calls import Bucket, Call, in_header
from adapters.nango.client import NangoClient
from adapters.nango.documents import GitHubUser
from adapters.nango.refusals import meaning
from application.ports.github_accounts import GitHubAccounts
from domain.connection import ConnectionId
from domain.user import GitHubAccount, GitHubId


@dataclass(frozen=True, slots=True)
class NangoGitHubAccounts(GitHubAccounts):
    """Costs one call of the share."""

    client: NangoClient
    integration: str
    share: Share

    async def behind(self, connection_id: ConnectionId) -> GitHubAccount:
        call = Call(
            method="GET",
            route="/proxy/user",
            path="/proxy/user",
            bucket=Bucket.PROXY,
            headers={
                "Connection-Id": in_header(connection_id),
                "Provider-Config-Key": self.integration,
                # Nango's own retries sleep until GitHub's rate limit resets.
                "Retries": "0",
                "Nango-Proxy-Accept": "application/vnd.github+json",
            },
        )
        answer = await self.client.send(call, self.share)
        if answer.status != HTTPStatus.OK:
            raise meaning(answer, self.integration, self.client.now())
        user = answer.decode(GitHubUser)
        return GitHubAccount(
            id=GitHubId(user.id),
            login=user.login,
            name=user.name,
            email=user.email or None,
            avatar_url=user.avatar_url,
        )
