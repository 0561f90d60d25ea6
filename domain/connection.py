"""A Nango connection that we rely on, and what Nango says of one."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType

from domain.user import UserId

ConnectionId = NewType("ConnectionId", str)
EndUserId = NewType("EndUserId", str)


class ConnectionKind(StrEnum):
    LOGIN = "login"
    REPOSITORY = "repository"


class ConnectionState(StrEnum):
    LIVE = "live"
    BROKEN = "broken"
    RETIRED = "retired"


MOVES: Final = {
    ConnectionState.LIVE: {ConnectionState.BROKEN, ConnectionState.RETIRED},
    ConnectionState.BROKEN: {ConnectionState.LIVE, ConnectionState.RETIRED},
    # A retired connection is deleted in Nango; then its row goes too.
    ConnectionState.RETIRED: set[ConnectionState](),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Our row for a connection; `end_user_id` is who Nango believes it belongs to.

    `checked_at` is when it was last read back: it is at least as new as that. `reads_access`: its token is one of the
    GitHub App, which may ask what its person can see.
    """

    id: ConnectionId
    kind: ConnectionKind
    user_id: UserId
    end_user_id: EndUserId
    state: ConnectionState
    last_error: str | None = None
    authorized_at: datetime
    checked_at: datetime
    reads_access: bool = False

    def broken(self, error: str, at: datetime) -> "Connection":
        return replace(self._moved(ConnectionState.BROKEN, error), checked_at=at)

    def verified(self, end_user_id: EndUserId, at: datetime, *, reads_access: bool) -> "Connection":
        """Take what was just read back from Nango and GitHub: it works."""
        return replace(
            self._moved(ConnectionState.LIVE, None),
            end_user_id=end_user_id,
            checked_at=at,
            reads_access=reads_access,
        )

    def retired(self, reason: str) -> "Connection":
        return self._moved(ConnectionState.RETIRED, reason)

    def outlives(self, other: "Connection") -> bool:
        """Tell which of one user's two login connections survives: the newer grant, if it works.

        GitHub keeps ten tokens per person and app, and revokes the oldest.
        """
        if other.state is not ConnectionState.LIVE:
            return True
        return self.authorized_at >= other.authorized_at

    @property
    def is_settled(self) -> bool:
        """Tell whether Nango agrees with this row."""
        return self.state is not ConnectionState.RETIRED and self.end_user_id == str(self.user_id)

    def _moved(self, state: ConnectionState, error: str | None) -> "Connection":
        if state is not self.state and state not in MOVES[self.state]:
            return self
        return replace(self, state=state, last_error=error)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedConnection:
    """A connection in a list of Nango's, which says less of it; `has_errors`: a refresh of its credentials failed."""

    id: ConnectionId
    end_user_id: EndUserId | None
    has_errors: bool
    created_at: datetime


# What Nango keeps in `connection_config` of connections that went the ordinary way.
KNOWN_CONFIG: Final = {
    ConnectionKind.LOGIN: frozenset({"handle"}),
    ConnectionKind.REPOSITORY: frozenset(
        {
            "app_id",
            "appPublicLink",
            "handle",
            "installation_id",
            "jwtToken",
            "pending",
            "pendingLog",
            "userCredentials",
        }
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderConnection:
    """A connection as Nango has it now, without its credentials.

    `claims` is the installation that Nango bound it to, which proves nothing; None while it has a person's token only.
    `has_app_token`: its token is a person's, given to a GitHub App.
    """

    id: ConnectionId
    integration: str
    end_user_id: EndUserId | None
    tagged_end_user_id: EndUserId | None
    config_keys: frozenset[str]
    has_client_override: bool
    authorized_at: datetime
    kind: ConnectionKind = ConnectionKind.LOGIN
    claims: int | None = None
    has_app_token: bool = False

    def objection(self, integration: str, end_user_id: EndUserId) -> str | None:
        """Say why this is not the ordinary connection of that end user's attempt; None if it is."""
        if not self.end_user_id == self.tagged_end_user_id == end_user_id:
            return "its end user and tags do not name this attempt"
        return self.proof_objection(integration)

    def proof_objection(self, integration: str) -> str | None:
        """Say why this connection proves nothing about anybody; None if it may.

        One authorised with a stranger's OAuth client, or with settings of a stranger, says what the stranger likes.
        """
        if self.integration != integration:
            return "it belongs to another integration"
        if self.has_client_override:
            return "it was authorised with another OAuth client"
        return self.configuration_objection

    @property
    def configuration_objection(self) -> str | None:
        if self.config_keys <= KNOWN_CONFIG[self.kind]:
            return None
        return "its configuration has settings that we did not make"
