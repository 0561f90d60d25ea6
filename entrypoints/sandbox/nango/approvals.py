"""Somebody approved an installation that another had asked for: the requester's pending connection gets its token."""

from entrypoints.sandbox.nango.app_tokens import AppTokenRefused, app_credentials
from entrypoints.sandbox.nango.bodies import object_in, text_in
from entrypoints.sandbox.nango.connecting import announce_connected
from entrypoints.sandbox.nango.state import Connection
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.wire import Json, JsonObject


class AlreadyApproved(Exception):
    """The requester's connection has an installation; what GitHub is told is Nango's."""

    def __init__(self) -> None:
        super().__init__("No connection or existing installation_id")


def approve(sandbox: Sandbox, event: JsonObject) -> None:
    """Finish the requester's oldest connection that has the mark of pending, which nothing ever takes away.

    So their second approval finds the first one's connection again, and is refused.
    """
    installation, requester = object_in(event, "installation"), object_in(event, "requester")
    if event.get("action") != "created" or installation is None or requester is None:
        return
    app_id = str(installation.get("app_id"))
    waiting = [
        connection
        for connection in sandbox.nango.pending_of(text_in(requester, "login") or "")
        if connection.connection_config.get("app_id") == app_id
    ]
    if not waiting:
        return
    if "installation_id" in waiting[0].connection_config:
        raise AlreadyApproved
    _finish(sandbox, waiting[0], installation.get("id"))


def _finish(sandbox: Sandbox, connection: Connection, installation_id: Json) -> None:
    """Leave it pending when GitHub makes no token; nobody hears of that."""
    try:
        credentials = app_credentials(sandbox, installation_id)
    except AppTokenRefused:
        return
    nango = sandbox.nango
    nango.add_connection(connection.integration, connection.connection_id, credentials, sandbox.now())
    config = {name: value for name, value in connection.connection_config.items() if name != "pendingLog"}
    config |= {"installation_id": installation_id, "jwtToken": credentials.jwt_token}
    nango.configure(connection, config)
    announce_connected(sandbox, connection, "override", None, by_app=True)
