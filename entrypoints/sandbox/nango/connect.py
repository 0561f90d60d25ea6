"""The browser's way out: from a connect session to GitHub's authorize page."""

import secrets
from datetime import timedelta
from email.utils import format_datetime
from html import escape
from typing import Final
from urllib.parse import urlencode

from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from entrypoints.sandbox.github.tokens import challenge_of
from entrypoints.sandbox.nango.admission import by_session_in_query, session_of, unknown_session
from entrypoints.sandbox.nango.ids import new_connection_id, new_state_value
from entrypoints.sandbox.nango.integrations import Integration
from entrypoints.sandbox.nango.refusals import NangoRefusal, refused
from entrypoints.sandbox.nango.schema import invalid, issue
from entrypoints.sandbox.nango.state import ClientOverride, ConnectSession, OAuthState
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.wire import HTML_MEDIA_TYPE, SandboxRequest

COOKIE_SECONDS: Final = 3600


def check_session_allows(sandbox: Sandbox, session: ConnectSession, integration: str) -> None:
    if session.allowed_integrations is not None and integration not in session.allowed_integrations:
        raise NangoRefusal(400, {"error": {"code": "integration_not_allowed"}})
    target = session.reconnects
    if target is not None and sandbox.nango.find_connection(target.integration, target.connection_id) is not target:
        raise NangoRefusal(400, {"error": {"code": "invalid_connection"}})


def override_in(request: SandboxRequest) -> ClientOverride | None:
    """`credentials[oauth_client_id_override]` and its like, which Nango takes from anybody's browser."""
    client_id = request.query_params.get("credentials[oauth_client_id_override]")
    if not client_id:
        return None
    return ClientOverride(
        client_id=client_id,
        client_secret=request.query_params.get("credentials[oauth_client_secret_override]"),
        refresh_token=request.query_params.get("credentials[oauth_refresh_token_override]"),
    )


def open_state(
    sandbox: Sandbox, session: ConnectSession, integration: Integration, request: SandboxRequest
) -> OAuthState:
    override = override_in(request)
    state = OAuthState(
        value=new_state_value(),
        integration=integration.key,
        session=session,
        connection_id=session.reconnects.connection_id if session.reconnects else new_connection_id(),
        client_id=override.client_id if override else integration.client_id,
        redirect_uri=sandbox.settings.redirect_uri,
        code_verifier=secrets.token_hex(24),
        override=override,
        listener=request.query_params.get("ws_client_id"),
    )
    sandbox.nango.open_state(state)
    return state


def authorize_url(sandbox: Sandbox, state: OAuthState, integration: Integration) -> str:
    if integration.app_link is not None:
        return f"{integration.app_link}/installations/new?state={state.value}"
    query = {
        "response_type": "code",
        "client_id": state.client_id,
        "redirect_uri": state.redirect_uri,
        "scope": integration.scope,
        "state": state.value,
        "code_challenge": challenge_of(state.code_verifier),
        "code_challenge_method": "S256",
    }
    return f"{sandbox.settings.public_url}/login/oauth/authorize?{urlencode(query)}"


def state_cookie(sandbox: Sandbox, state: OAuthState) -> str:
    expires = format_datetime(sandbox.now() + timedelta(seconds=COOKIE_SECONDS), usegmt=True)
    return f"oauth2-{state.value}=1; Max-Age={COOKIE_SECONDS}; Path=/; Expires={expires}; HttpOnly; SameSite=Lax"


@get("/oauth/connect/{integration_key:str}")
async def get_connect(
    request: SandboxRequest, sandbox: NamedDependency[Sandbox], integration_key: FromPath[str]
) -> Response[str]:
    session = session_of(request)
    if session is None:
        raise unknown_session()
    if "connection_id" in request.query_params:
        message = "connection_id is forbidden when using session token"
        raise invalid("invalid_query_params", [issue("custom", message, ("connection_id",))])
    integration = sandbox.integrations.get(integration_key)
    if integration is None:
        raise refused(404, "unknown_provider_config")
    check_session_allows(sandbox, session, integration_key)
    state = open_state(sandbox, session, integration, request)
    url = authorize_url(sandbox, state, integration)
    return Response(
        f"<p>Found. Redirecting to {escape(url)}</p>",
        status_code=302,
        headers={"Set-Cookie": state_cookie(sandbox, state), "Location": url},
        media_type=HTML_MEDIA_TYPE,
    )


def connect_routes() -> Router:
    return Router("/", route_handlers=[get_connect], guards=[by_session_in_query])
