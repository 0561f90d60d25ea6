"""What Nango stores, in memory: connect sessions, OAuth states and connections of one environment."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Final, Literal

from entrypoints.sandbox.nango.config import installation_in, pending_handle_in
from entrypoints.sandbox.nango.index import Index
from entrypoints.sandbox.nango.records.cache import Records
from entrypoints.sandbox.nango.syncs.state import Syncs
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
    jwt_token: str | None = None


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
    records: Records = field(init=False)
    syncs: Syncs = field(default_factory=Syncs)

    def __post_init__(self) -> None:
        self.records = Records(self.id)


@dataclass(slots=True)
class NangoState:
    sessions: OrderedDict[str, ConnectSession] = field(default_factory=OrderedDict[str, ConnectSession])
    states: OrderedDict[str, OAuthState] = field(default_factory=OrderedDict[str, OAuthState])
    connections: OrderedDict[tuple[str, str], Connection] = field(
        default_factory=OrderedDict[tuple[str, str], Connection]
    )
    _by_end_user: Index[Connection] = field(default_factory=Index[Connection])
    _by_installation: Index[Connection] = field(default_factory=Index[Connection])
    _by_pending_handle: Index[Connection] = field(default_factory=Index[Connection])
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
            known.last_refresh_success = at
            return known
        connection = Connection(
            id=next(self._numbers),
            connection_id=connection_id,
            integration=integration,
            credentials=credentials,
            created_at=at,
            updated_at=at,
            last_fetched_at=at,
            last_refresh_success=at,
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
        self.configure(connection, {})
        return True

    def attribute(self, connection: Connection, end_user: EndUser | None) -> None:
        """Say whose the connection is from now on."""
        old, new = (one.id if one else None for one in (connection.end_user, end_user))
        self._by_end_user.move(connection.id, connection, old, new)
        connection.end_user = end_user

    def configure(self, connection: Connection, config: JsonObject) -> None:
        """Replace the connection's config, by which Nango finds it when GitHub names an installation or a person."""
        before = connection.connection_config
        self._by_installation.move(connection.id, connection, installation_in(before), installation_in(config))
        self._by_pending_handle.move(connection.id, connection, pending_handle_in(before), pending_handle_in(config))
        connection.connection_config = config

    def of_installation(self, integration: str, installation_id: str) -> list[Connection]:
        """Find the connections of an installation, the oldest first."""
        return [one for one in self._by_installation.find(installation_id) if one.integration == integration]

    def pending_of(self, handle: str) -> list[Connection]:
        """Find the connections that say that they wait for an approval asked for by that login, the oldest first."""
        return self._by_pending_handle.find(handle)

    def newest_first(self, end_user_id: str | None = None) -> Iterator[Connection]:
        """Go through all connections, or one end user's."""
        if end_user_id is None:
            return reversed(self.connections.values())
        return reversed(self._by_end_user.find(end_user_id))
