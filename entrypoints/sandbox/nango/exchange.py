"""A callback's code becomes a person's token."""

from typing import Final

import msgspec

from entrypoints.sandbox.github.tokens import Exchange, Token
from entrypoints.sandbox.nango.state import Credentials, OAuthState
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.wire import Json, JsonObject, compact_json, javascript_time

USER_TOKEN_SECONDS: Final = 28_800
"""How long an App's token of a person lives on the real GitHub."""
REFRESH_TOKEN_SECONDS: Final = 15_897_600
EXCHANGE_ENDPOINT: Final = "github POST /login/oauth/access_token"
UNKNOWN_ERROR: Final = "Unknown error during the Oauth flow."
ERROR_NAMES: Final = ("error", "error_description", "error_uri")


class ConnectFailed(Exception):
    """`shown` is for the browser, the rest for the app."""

    def __init__(self, kind: str, description: str, shown: str) -> None:
        super().__init__(kind)
        self.kind = kind
        self.description = description
        self.shown = shown


def code_in(query: dict[str, str]) -> str:
    if "code" in query:
        return query["code"]
    errors: JsonObject = {name: query[name] for name in ERROR_NAMES if name in query}
    description = "Did not get authorization code in the callback."
    if not errors:
        raise ConnectFailed("invalid_callback", description, description)
    told = "; ".join(f"{name}: {value}" for name, value in errors.items())
    raise ConnectFailed("invalid_callback", f"{description} Provider error: {told}", compact_json(errors).decode())


def exchange(sandbox: Sandbox, state: OAuthState, code: str, lifetime_seconds: int | None) -> Credentials:
    """Have GitHub give a token for the code, and keep it as Nango does."""
    sandbox.calls.note(sandbox.now(), EXCHANGE_ENDPOINT, "github")
    failure = sandbox.conditions.take_failure(EXCHANGE_ENDPOINT)
    if failure is not None:
        raise token_endpoint_failed(failure.status)
    asked = Exchange(
        code=code,
        client_id=state.client_id,
        redirect_uri=state.redirect_uri,
        code_verifier=state.code_verifier,
    )
    token = sandbox.tokens.redeem(asked, sandbox.now(), lifetime_seconds)
    if token is None:
        description = "OAuth2 token request failed, response from the server could not be parsed"
        raise ConnectFailed("unable_to_parse_token_response", description, UNKNOWN_ERROR)
    credentials = credentials_of(token, lifetime_seconds)
    override = state.override
    if override is not None:
        credentials.config_override = {"client_id": override.client_id, "client_secret": override.client_secret}
        credentials.refresh_token = override.refresh_token or credentials.refresh_token
    return credentials


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
    raw: JsonObject = {"access_token": token.value}
    if token.expires_at is not None:
        raw |= {
            "expires_in": lifetime_seconds,
            "refresh_token": token.refresh_token,
            "refresh_token_expires_in": REFRESH_TOKEN_SECONDS,
        }
    raw |= {"token_type": "bearer", "scope": token.scope.replace(" ", ",")}
    if token.expires_at is not None:
        raw["expires_at"] = javascript_time(token.expires_at)
    return Credentials(
        type="OAUTH2",
        access_token=token.value,
        raw=raw,
        expires_at=token.expires_at,
        refresh_token=token.refresh_token,
    )
