"""Who is behind a connection, in GitHub's own words."""

from typing import Protocol

from domain.connection import ConnectionId
from domain.user import GitHubAccount


class GitHubAccounts(Protocol):
    async def behind(self, connection_id: ConnectionId) -> GitHubAccount:
        """Ask GitHub's `GET /user` with the connection's token.

        Raises `ConnectionNotFound`, `ConnectionBroken` if the token is refused, and `UpstreamUnavailable`.
        """
        ...
