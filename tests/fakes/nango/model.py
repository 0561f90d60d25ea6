"""A Nango with GitHub behind it, in memory: what the three fake ports share, and how a test scripts it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, TypeAlias

from domain.attempt import PendingAuthorization, ProviderAnswer
from domain.connection import ConnectionId, ConnectionKind, EndUserId
from domain.errors import ConnectionNotFound
from domain.user import GitHubAccount
from tests.fakes.nango.troubles import Troubles

Method: TypeAlias = Literal[
    "start", "open_session", "authorize", "finish", "of_end_user", "list_page", "read", "assign", "delete", "behind"
]

NOON: Final = datetime(2026, 6, 1, 12, tzinfo=UTC)
NOBODY: Final = "there is no such connection in Nango"


@dataclass(slots=True, kw_only=True)
class FakeConnection:
    """Change it as the test needs: Nango and GitHub answer by what is here."""

    id: ConnectionId
    account: GitHubAccount
    end_user_id: EndUserId | None
    tagged_end_user_id: EndUserId | None
    integration: str
    config_keys: frozenset[str]
    has_client_override: bool
    authorized_at: datetime
    is_broken: bool = False
    """Nango cannot refresh the credentials: neither reading nor using it works."""
    is_revoked: bool = False
    """GitHub refuses the token, which Nango does not know."""
    claims: int | None = None
    """The installation whose token Nango uses for it, in place of the person's."""
    has_lost_person: bool = False
    """Nango kept no token of the person beside the installation's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a code is worth: who authorised, and what will be odd about the connection."""

    account: GitHubAccount
    connections: int = 1
    config_keys: frozenset[str] = frozenset()
    has_client_override: bool = False
    end_user_id: EndUserId | None = None


@dataclass(slots=True, kw_only=True)
class FakeNango(Troubles[Method]):
    """One integration of it; each connection is one second newer."""

    integration: str = "github"
    kind: ConnectionKind = ConnectionKind.LOGIN
    gives_app_tokens: bool = False
    """Whether its OAuth client is the GitHub App's own."""
    page_size: int = 1000
    now: datetime = NOON
    connections: dict[ConnectionId, FakeConnection] = field(default_factory=dict[ConnectionId, FakeConnection])
    pending: dict[str, EndUserId] = field(default_factory=dict[str, EndUserId])
    """By Nango's state; one that was used is gone."""
    _codes: dict[str, Grant] = field(default_factory=dict[str, Grant])
    _made: int = 0

    def code_for(
        self,
        account: GitHubAccount,
        *,
        connections: int = 1,
        config_keys: frozenset[str] = frozenset(),
        has_client_override: bool = False,
        end_user_id: EndUserId | None = None,
    ) -> str:
        """Let somebody authorise at GitHub: a code that is worth a connection, once.

        The other arguments make it odd: several connections at once, settings or an OAuth client that we did not ask
        for, another end user than the one of the authorisation.
        """
        code = f"code-{self._next()}"
        self._codes[code] = Grant(
            account=account,
            connections=connections,
            config_keys=config_keys,
            has_client_override=has_client_override,
            end_user_id=end_user_id,
        )
        return code

    def approval_by(self, account: GitHubAccount) -> ProviderAnswer:
        return ProviderAnswer(code=self.code_for(account))

    def denial(self) -> ProviderAnswer:
        return ProviderAnswer(error="access_denied", error_description="The user has denied your application access.")

    def authorize(self, pending: PendingAuthorization | None, account: GitHubAccount) -> list[ConnectionId]:
        """Pass a callback to Nango behind the ports' back."""
        return self.exchange(pending.state if pending else "", self.code_for(account))

    def connect(
        self,
        end_user_id: EndUserId | None,
        account: GitHubAccount,
        *,
        config_keys: frozenset[str] = frozenset(),
        has_client_override: bool = False,
    ) -> ConnectionId:
        """Make a connection without any authorisation of ours."""
        self.now += timedelta(seconds=1)
        connection = FakeConnection(
            id=ConnectionId(f"connection-{self._next()}"),
            account=account,
            end_user_id=end_user_id,
            tagged_end_user_id=end_user_id,
            integration=self.integration,
            config_keys=config_keys,
            has_client_override=has_client_override,
            authorized_at=self.now,
        )
        self.connections[connection.id] = connection
        return connection.id

    def exchange(self, state: str, code: str | None) -> list[ConnectionId]:
        """Make what a code is worth, and use up both state and code; an unknown or used one is worth nothing."""
        end_user_id = self.pending.pop(state, None)
        grant = self._codes.pop(code or "", None)
        if end_user_id is None or grant is None:
            return []
        return [
            self.connect(
                grant.end_user_id or end_user_id,
                grant.account,
                config_keys=grant.config_keys,
                has_client_override=grant.has_client_override,
            )
            for _ in range(grant.connections)
        ]

    def begin(self, end_user_id: EndUserId) -> PendingAuthorization:
        state = f"state-{self._next()}"
        self.pending[state] = end_user_id
        return PendingAuthorization(state=state, cookie=f"oauth2-{state}=1")

    def find(self, connection_id: ConnectionId) -> FakeConnection:
        """Look up a connection of the integration; raises `ConnectionNotFound`."""
        connection = self.connections.get(connection_id)
        if connection is None or connection.integration != self.integration:
            raise ConnectionNotFound(NOBODY)
        return connection

    def _next(self) -> int:
        self._made += 1
        return self._made
