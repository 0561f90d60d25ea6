"""The browser's way back: the code becomes a connection, and the app hears of it."""

from html import escape
from typing import Final

from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.response import Template

from entrypoints.sandbox.nango.app_callback import AppConnect, NoAppCredentials
from entrypoints.sandbox.nango.connecting import (
    announce_connected,
    announce_failure,
    end_user_of,
    failure_outcome,
    operation_on,
    store,
    success_outcome,
    tell_page,
)
from entrypoints.sandbox.nango.exchange import ConnectFailed, code_in, exchange
from entrypoints.sandbox.nango.state import Connection, OAuthState
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.wire import HTML_MEDIA_TYPE, SandboxRequest

STATE_NAMES: Final = ("state", "payload", "customField")


async def connect(sandbox: Sandbox, state: OAuthState, query: dict[str, str]) -> None:
    """Store the connection; tell the app and whoever listens, whether it works or not."""
    try:
        if sandbox.integrations[state.integration].provider == "github-app-oauth":
            connection = await AppConnect(sandbox, state, query).connect()
        else:
            connection = log_in(sandbox, state, query)
    except ConnectFailed as failure:
        if not isinstance(failure, NoAppCredentials):
            announce_failure(sandbox, state, failure)
        tell_page(sandbox, state, failure_outcome(state, failure))
        raise
    tell_page(sandbox, state, success_outcome(connection))


def log_in(sandbox: Sandbox, state: OAuthState, query: dict[str, str]) -> Connection:
    """Exchange the code, and keep the person's token."""
    credentials = exchange(sandbox, state, code_in(query), sandbox.conditions.token_lifetime_seconds)
    operation = operation_on(sandbox, state.integration, state.connection_id)
    connection = store(sandbox, state, state.connection_id, credentials)
    announce_connected(sandbox, connection, operation, end_user_of(state))
    return connection


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
        await connect(sandbox, state, query)
    except ConnectFailed as failure:
        return page(failure.shown)
    return page(None)


def callback_routes() -> Router:
    return Router("/", route_handlers=[get_callback])
