"""How every connect ends: the connection is stored, and the app and the waiting page hear of it."""

from entrypoints.sandbox.nango.events import Operation, connected, not_connected
from entrypoints.sandbox.nango.exchange import UNKNOWN_ERROR, ConnectFailed
from entrypoints.sandbox.nango.state import Connection, Credentials, EndUser, OAuthState
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.wire import JsonObject


def store(sandbox: Sandbox, state: OAuthState, connection_id: str, credentials: Credentials) -> Connection:
    """Keep credentials under that id, as the session's; whoever had the connection before may lose it thereby."""
    session = state.session
    connection = sandbox.nango.add_connection(state.integration, connection_id, credentials, sandbox.now())
    connection.tags = {} if session.deleted else {**session.tags}
    connection.webhook_url_override = session.webhook_url_override
    end_user = end_user_of(state)
    if end_user is not None:
        sandbox.nango.attribute(connection, end_user)
    return connection


def end_user_of(state: OAuthState) -> EndUser | None:
    return None if state.session.deleted else state.session.end_user


def operation_on(sandbox: Sandbox, integration: str, connection_id: str) -> Operation:
    """Tell what storing this connection now is called."""
    return "creation" if sandbox.nango.find_connection(integration, connection_id) is None else "override"


def announce_connected(
    sandbox: Sandbox, connection: Connection, operation: Operation, end_user: EndUser | None, *, by_app: bool = False
) -> None:
    """Send the webhook; its mode is APP, and not the provider's, when nobody's code was exchanged."""
    event = connected(
        connection,
        sandbox.provider_of(connection),
        sandbox.settings.environment,
        operation=operation,
        end_user=end_user,
    )
    sandbox.announce({**event, "authMode": "APP"} if by_app else event, connection.webhook_url_override)


def announce_failure(sandbox: Sandbox, state: OAuthState, failure: ConnectFailed) -> None:
    event = not_connected(
        state.connection_id,
        state.integration,
        sandbox.integrations[state.integration].provider,
        sandbox.settings.environment,
        error={"type": failure.kind, "description": failure.description},
    )
    sandbox.announce(event, state.session.webhook_url_override)


def tell_page(sandbox: Sandbox, state: OAuthState, outcome: JsonObject) -> None:
    """Say how it ended to the web socket that listens, if one does."""
    if state.listener is not None:
        sandbox.audience.tell(state.listener, {"provider_config_key": state.integration, **outcome})


def success_outcome(connection: Connection) -> JsonObject:
    """Say whether the connection waits for an approval."""
    pending = connection.connection_config.get("pending") is True
    return {"message_type": "success", "connection_id": connection.connection_id, "is_pending": pending}


def failure_outcome(state: OAuthState, failure: ConnectFailed) -> JsonObject:
    is_refused = failure.kind == "invalid_callback"
    return {
        "message_type": "error",
        "connection_id": state.connection_id,
        "error_type": "callback_err" if is_refused else "unknown_err",
        "error_desc": failure.description if is_refused else UNKNOWN_ERROR,
    }
