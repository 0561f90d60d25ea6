"""Finding the syncs that a call names, or refusing as Nango does."""

import json

from entrypoints.sandbox.nango.bodies import text_in
from entrypoints.sandbox.nango.records.cache import BASE
from entrypoints.sandbox.nango.refusals import NangoRefusal, refused
from entrypoints.sandbox.nango.state import Connection
from entrypoints.sandbox.nango.syncs.running import Order
from entrypoints.sandbox.nango.syncs.state import SyncKey
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.wire import Json, JsonObject


def connections_meant(sandbox: Sandbox, given: JsonObject) -> list[Connection]:
    """Find the connection, or all of the integration when none is named."""
    key, connection_id = text_in(given, "provider_config_key"), text_in(given, "connection_id")
    if key is None:
        message = "Missing provider_config_key. Provide it in the body or headers."
        raise refused(400, "missing_provider_config_key", message)
    if key not in sandbox.integrations:
        message = "There is no Provider Configuration matching this key. Please make sure this value exists"
        raise _unfit(400, "unknown_provider_config", f"{message} in the Nango dashboard {{}}", {})
    if connection_id is None:
        return [one for one in sandbox.nango.connections.values() if one.integration == key]
    connection = sandbox.nango.find_connection(key, connection_id)
    if connection is None:
        named: JsonObject = {"connectionId": connection_id, "providerConfigKey": key}
        shown = json.dumps(named, indent=2, ensure_ascii=False)
        message = (
            "No connection matching the provided params of 'connection_id' and 'provider_config_key'. "
            f"Please make sure these values exist in the Nango dashboard {shown}"
        )
        raise _unfit(404, "unknown_connection", message, named)
    return [connection]


def orders_for(sandbox: Sandbox, connections: list[Connection], keys: list[SyncKey]) -> list[Order]:
    """Find the syncs of these connections, all of them when none is named; some there must be."""
    orders = [
        Order(connection=connection, name=name, variant=variant, model=sandbox.conditions.syncs[name])
        for connection in connections
        if sandbox.provider_of(connection) == "github-app-oauth"
        for name, variant in keys or [(one, BASE) for one in sandbox.conditions.syncs]
        if name in sandbox.conditions.syncs
    ]
    if not orders:
        raise _unfit(400, "no_syncs_found", "No syncs found given the inputs.", {})
    return orders


def _unfit(status: int, code: str, message: str, payload: JsonObject) -> NangoRefusal:
    error: Json = {"message": message, "code": code, "payload": payload}
    return NangoRefusal(status, {"error": error})
