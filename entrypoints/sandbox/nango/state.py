"""What Nango stores, in memory: connect sessions, OAuth states and connections of one environment."""

import secrets
from collections import OrderedDict, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Final, Literal
from uuid import uuid1, uuid4

from entrypoints.sandbox.wire import Json, JsonObject

SESSION_LIFETIME: Final = timedelta(minutes=30)
KEPT_SESSIONS: Final = 20_000
KEPT_STATES: Final = 20_000
KEPT_CONNECTIONS: Final = 50_000

CredentialType = Literal["OAUTH2", "APP"]


@dataclass(frozen=True, slots=True)
class Organization:
    id: str
    display_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndUser:
    """One per connection, even for the same id."""

    id: str
    email: str | None = None
    display_name: str | None = None
    tags: dict[str, str] | None = None
    organization: Organization | None = None


@dataclass(slots=True, kw_only=True)
class ConnectSession:
    """`reconnects` is the connection that this session is to authorise anew."""

    token: str
    end_user: EndUser | None
    shown_end_user: EndUser | None
    tags: dict[str, str]
    allowed_integrations: tuple[str, ...] | None
    expires_at: datetime
    webhook_url_override: str | None = None
    reconnects: "Connection | None" = None
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientOverride:
    """An OAuth client that the browser's URL put in place of the integration's."""

    client_id: str
    client_secret: str | None
    refresh_token: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthState:
    """One authorisation on its way: used up by the first callback that names it."""

    value: str
    integration: str
    session: ConnectSession
    connection_id: str
    client_id: str
    redirect_uri: str
    code_verifier: str
    override: ClientOverride | None
    listener: str | None
    """Whose web socket hears of the outcome."""


@dataclass(slots=True, kw_only=True)
class Credentials:
    type: CredentialType
    access_token: str
    raw: JsonObject
    expires_at: datetime | None = None
    refresh_token: str | None = None
    config_override: JsonObject | None = None
    installation_id: int | None = None


@dataclass(slots=True, kw_only=True)
class Connection:
    id: int
    connection_id: str
    integration: str
    credentials: Credentials
    created_at: datetime
    updated_at: datetime
    last_fetched_at: datetime
    end_user: EndUser | None = None
    tags: dict[str, str] = field(default_factory=dict[str, str])
    metadata: JsonObject | None = None
    connection_config: JsonObject = field(default_factory=dict[str, Json])
    webhook_url_override: str | None = None
    refresh_fails: bool = False
    refresh_failed_at: datetime | None = None
    refresh_attempts: int = 0
    last_refresh_success: datetime | None = None
    error_log_id: str | None = None


def new_state_value() -> str:
    """Nango's states are UUIDs of version 1; the node is made up, so that they do not tell the machine."""
    return str(uuid1(node=secrets.randbits(48) | 1 << 40))


@dataclass(slots=True)
class NangoState:
    sessions: OrderedDict[str, ConnectSession] = field(default_factory=OrderedDict[str, ConnectSession])
    states: OrderedDict[str, OAuthState] = field(default_factory=OrderedDict[str, OAuthState])
    connections: OrderedDict[tuple[str, str], Connection] = field(
        default_factory=OrderedDict[tuple[str, str], Connection]
    )
    _by_end_user: defaultdict[str, dict[int, Connection]] = field(
        default_factory=lambda: defaultdict[str, dict[int, Connection]](dict)
    )
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def open_session(self, session: ConnectSession) -> None:
        self.sessions[session.token] = session
        while len(self.sessions) > KEPT_SESSIONS:
            self.sessions.popitem(last=False)

    def find_session(self, token: str, at: datetime) -> ConnectSession | None:
        session = self.sessions.get(token)
        return session if session is not None and at < session.expires_at else None

    def delete_session(self, session: ConnectSession) -> None:
        session.deleted = True
        self.sessions.pop(session.token, None)

    def open_state(self, state: OAuthState) -> None:
        self.states[state.value] = state
        while len(self.states) > KEPT_STATES:
            self.states.popitem(last=False)

    def add_connection(
        self, integration: str, connection_id: str, credentials: Credentials, at: datetime
    ) -> Connection:
        """Add a connection, or give new credentials to the one that is there."""
        known = self.connections.get((integration, connection_id))
        if known is not None:
            known.credentials = credentials
            known.refresh_failed_at = known.error_log_id = None
            return known
        connection = Connection(
            id=next(self._numbers),
            connection_id=connection_id,
            integration=integration,
            credentials=credentials,
            created_at=at,
            updated_at=at,
            last_fetched_at=at,
        )
        self.connections[integration, connection_id] = connection
        while len(self.connections) > KEPT_CONNECTIONS:
            self.remove_connection(*next(iter(self.connections)))
        return connection

    def find_connection(self, integration: str, connection_id: str) -> Connection | None:
        return self.connections.get((integration, connection_id))

    def remove_connection(self, integration: str, connection_id: str) -> bool:
        """Remove the connection, if there is one."""
        connection = self.connections.pop((integration, connection_id), None)
        if connection is None:
            return False
        self.attribute(connection, None)
        return True

    def attribute(self, connection: Connection, end_user: EndUser | None) -> None:
        """Say whose the connection is from now on."""
        if connection.end_user is not None:
            mine = self._by_end_user[connection.end_user.id]
            mine.pop(connection.id, None)
            if not mine:
                del self._by_end_user[connection.end_user.id]
        connection.end_user = end_user
        if end_user is not None:
            self._by_end_user[end_user.id][connection.id] = connection

    def newest_first(self, end_user_id: str | None = None) -> Iterator[Connection]:
        """Go through all connections, or one end user's."""
        if end_user_id is None:
            return reversed(self.connections.values())
        mine = self._by_end_user.get(end_user_id, {})
        return iter([mine[number] for number in sorted(mine, reverse=True)])


def new_session_token() -> str:
    return f"nango_connect_session_{secrets.token_hex(32)}"


def new_connection_id() -> str:
    return str(uuid4())
