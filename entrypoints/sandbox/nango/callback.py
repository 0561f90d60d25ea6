"""The browser's way back: the code becomes a connection, and the app hears of it."""

from dataclasses import dataclass
from html import escape
from typing import Final

import msgspec
from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.response import Template

from entrypoints.sandbox.github.tokens import Exchange, Token
from entrypoints.sandbox.nango.events import connected, not_connected
from entrypoints.sandbox.nango.state import Connection, Credentials, OAuthState
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.wire import HTML_MEDIA_TYPE, Json, JsonObject, SandboxRequest, compact_json, javascript_time

STATE_NAMES: Final = ("state", "payload", "customField")
REFRESH_TOKEN_SECONDS: Final = 15_897_600
EXCHANGE_ENDPOINT: Final = "POST /login/oauth/access_token"
UNKNOWN_ERROR: Final = "Unknown error during the Oauth flow."
ERROR_NAMES: Final = ("error", "error_description", "error_uri")


class ConnectFailed(Exception):
    """`shown` is for the browser, the rest for the app."""

    def __init__(self, kind: str, description: str, shown: str) -> None:
        super().__init__(kind)
        self.kind = kind
        self.description = description
        self.shown = shown


@dataclass(frozen=True, slots=True)
class Completion:
    """One callback that named a state."""

    sandbox: Sandbox
    state: OAuthState

    def connect(self, query: dict[str, str]) -> None:
        """Exchange the code and store the connection; tell the app and whoever listens either way."""
        try:
            connection = self._store(self._exchange(self._code_in(query)))
        except ConnectFailed as failure:
            self._announce_failure(failure)
            self._tell(outcome_of(self.state, failure))
            raise
        self._announce(connection)
        self._tell(outcome_of(self.state))

    def _code_in(self, query: dict[str, str]) -> str:
        if "code" in query:
            return query["code"]
        errors: JsonObject = {name: query[name] for name in ERROR_NAMES if name in query}
        description = "Did not get authorization code in the callback."
        if not errors:
            raise ConnectFailed("invalid_callback", description, description)
        told = "; ".join(f"{name}: {value}" for name, value in errors.items())
        raise ConnectFailed("invalid_callback", f"{description} Provider error: {told}", compact_json(errors).decode())

    def _exchange(self, code: str) -> Token:
        sandbox, state = self.sandbox, self.state
        sandbox.calls.note(sandbox.now(), f"github {EXCHANGE_ENDPOINT}", "github")
        failure = sandbox.conditions.take_failure(f"github {EXCHANGE_ENDPOINT}")
        if failure is not None:
            raise token_endpoint_failed(failure.status)
        token = sandbox.tokens.redeem(
            Exchange(
                code=code,
                client_id=state.client_id,
                redirect_uri=state.redirect_uri,
                code_verifier=state.code_verifier,
            ),
            sandbox.now(),
            sandbox.conditions.token_lifetime_seconds,
        )
        if token is None:
            description = "OAuth2 token request failed, response from the server could not be parsed"
            raise ConnectFailed("unable_to_parse_token_response", description, UNKNOWN_ERROR)
        return token

    def _store(self, token: Token) -> Connection:
        sandbox, state, session = self.sandbox, self.state, self.state.session
        connection = sandbox.nango.add_connection(
            state.integration, state.connection_id, self._credentials(token), sandbox.now()
        )
        connection.tags = {} if session.deleted else {**session.tags}
        connection.webhook_url_override = session.webhook_url_override
        if session.end_user is not None and not session.deleted:
            sandbox.nango.attribute(connection, session.end_user)
        return connection

    def _credentials(self, token: Token) -> Credentials:
        credentials = credentials_of(token, self.sandbox.conditions.token_lifetime_seconds)
        override = self.state.override
        if override is not None:
            credentials.config_override = {"client_id": override.client_id, "client_secret": override.client_secret}
            credentials.refresh_token = override.refresh_token or credentials.refresh_token
        return credentials

    def _announce(self, connection: Connection) -> None:
        session = self.state.session
        event = connected(
            connection,
            self.sandbox.provider_of(connection),
            self.sandbox.settings.environment,
            operation="override" if session.reconnects else "creation",
            end_user=None if session.deleted else session.end_user,
        )
        self.sandbox.announce(event, connection.webhook_url_override)

    def _tell(self, outcome: JsonObject) -> None:
        if self.state.listener is not None:
            self.sandbox.audience.tell(self.state.listener, outcome)

    def _announce_failure(self, failure: ConnectFailed) -> None:
        event = not_connected(
            self.state.connection_id,
            self.state.integration,
            self.sandbox.integrations[self.state.integration].provider,
            self.sandbox.settings.environment,
            error={"type": failure.kind, "description": failure.description},
        )
        self.sandbox.announce(event, self.state.session.webhook_url_override)


def outcome_of(state: OAuthState, failure: ConnectFailed | None = None) -> JsonObject:
    """Say what the web socket hears."""
    about: JsonObject = {"provider_config_key": state.integration, "connection_id": state.connection_id}
    if failure is None:
        return {"message_type": "success", **about, "is_pending": False}
    is_refused = failure.kind == "invalid_callback"
    return {
        "message_type": "error",
        **about,
        "error_type": "callback_err" if is_refused else "unknown_err",
        "error_desc": failure.description if is_refused else UNKNOWN_ERROR,
    }


def token_endpoint_failed(status: int) -> ConnectFailed:
    reason: dict[int, str] = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable"}
    document: Json = {
        "name": "Error",
        "message": f"Response Error: {status} {reason.get(status, '')}".strip(),
        "provider_error_payload": {"message": "Server Error"},
    }
    told = msgspec.json.format(compact_json(document), indent=2).decode()
    return ConnectFailed("unknown", told, told)


def credentials_of(token: Token, lifetime_seconds: int | None) -> Credentials:
    """Keep a person's token as Nango does, with GitHub's raw answer."""
    scope = token.scope.replace(" ", ",")
    raw: JsonObject = {"access_token": token.value}
    if token.expires_at is not None:
        raw |= {"expires_in": lifetime_seconds, "refresh_token_expires_in": REFRESH_TOKEN_SECONDS}
    raw |= {"token_type": "bearer", "scope": scope}
    if token.expires_at is not None:
        raw["expires_at"] = javascript_time(token.expires_at)
    return Credentials(
        type="OAUTH2",
        access_token=token.value,
        raw=raw,
        expires_at=token.expires_at,
        refresh_token=token.refresh_token,
    )


def page(error: str | None) -> Template:
    return Template(
        "callback.html",
        context={"error": error},
        status_code=200 if error is None else 400,
        media_type=HTML_MEDIA_TYPE,
    )


@get("/oauth/callback")
async def get_callback(request: SandboxRequest, sandbox: NamedDependency[Sandbox]) -> Template | Response[str]:
    """Use up the state whatever comes of it; its cookie is not asked for, as on the real one."""
    query = {**request.query_params}
    value = next((query[name] for name in STATE_NAMES if query.get(name)), None)
    if value is None and "installation_id" in query and "setup_action" in query:
        back = request.headers.get("referer", "https://github.com")
        text = f"<p>Found. Redirecting to {escape(back)}</p>"
        return Response(text, status_code=302, headers={"Location": back}, media_type=HTML_MEDIA_TYPE)
    state = sandbox.nango.states.pop(value or "", None)
    if state is None:
        return page(f'No session found for state: "{value or ""}"')
    try:
        Completion(sandbox, state).connect(query)
    except ConnectFailed as failure:
        return page(failure.shown)
    return page(None)


def callback_routes() -> Router:
    return Router("/", route_handlers=[get_callback])
