"""Importing, changing and deleting connections."""

from typing import Final

from litestar import Response, Router, delete, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from entrypoints.sandbox.nango.admission import by_secret_key, json_body, readable_json
from entrypoints.sandbox.nango.app_tokens import AppTokenRefused, app_credentials
from entrypoints.sandbox.nango.bodies import (
    CONNECTION_PATCH,
    IMPORT,
    METADATA,
    end_user_in,
    object_in,
    text_in,
)
from entrypoints.sandbox.nango.connecting import announce_connected, operation_on
from entrypoints.sandbox.nango.connections import (
    INTEGRATION_QUERY,
    find_connection,
    get_connection,
    list_connections,
    query_of,
)
from entrypoints.sandbox.nango.documents import connection_document, credentials_document
from entrypoints.sandbox.nango.ids import new_connection_id
from entrypoints.sandbox.nango.refusals import NangoRefusal, refused, unknown_integration
from entrypoints.sandbox.nango.schema import checked
from entrypoints.sandbox.nango.state import Connection, Credentials
from entrypoints.sandbox.nango.tags import tags_of
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.wire import Json, JsonObject, SandboxRequest, javascript_time, json_answer

DONE: Final[JsonObject] = {"success": True}


@patch("/connections/{connection_id:str}")
async def patch_connection(
    request: SandboxRequest, sandbox: NamedDependency[Sandbox], connection_id: FromPath[str]
) -> Response[bytes]:
    """Replace the end user whole, tags included; tags alone leave the end user as it is."""
    query = checked(INTEGRATION_QUERY, query_of(request), "invalid_query_params")
    fields = checked(CONNECTION_PATCH, await json_body(request), "invalid_body")
    connection = find_connection(sandbox, query, connection_id)
    end_user = end_user_in(fields)
    if end_user is not None or "tags" in fields:
        connection.tags = tags_of(end_user, object_in(fields, "tags") or {})
    if end_user is not None:
        sandbox.nango.attribute(connection, end_user)
    connection.webhook_url_override = text_in(fields, "webhook_url_override") or connection.webhook_url_override
    return json_answer(DONE)


@delete("/connections/{connection_id:str}", status_code=200)
async def delete_connection(
    request: SandboxRequest, sandbox: NamedDependency[Sandbox], connection_id: FromPath[str]
) -> Response[bytes]:
    """GitHub is not told: the token goes on working there."""
    query = checked(INTEGRATION_QUERY, query_of(request), "invalid_query_params")
    key = text_in(query, "provider_config_key") or ""
    if not sandbox.nango.remove_connection(key, connection_id):
        raise NangoRefusal(400, {"error": {"code": "unknown_connection"}})
    return json_answer(DONE)


@post("/connections/metadata")
async def post_metadata(request: SandboxRequest, sandbox: NamedDependency[Sandbox]) -> Response[bytes]:
    return await _write_metadata(request, sandbox, replace=True)


@patch("/connections/metadata")
async def patch_metadata(request: SandboxRequest, sandbox: NamedDependency[Sandbox]) -> Response[bytes]:
    return await _write_metadata(request, sandbox, replace=False)


async def _write_metadata(request: SandboxRequest, sandbox: Sandbox, *, replace: bool) -> Response[bytes]:
    """One connection or a list of them; the answer repeats what was sent."""
    fields = checked(METADATA, await json_body(request), "invalid_body")
    ids = fields["connection_id"]
    for connection_id in ids if isinstance(ids, list) else [ids]:
        connection = find_connection(sandbox, fields, str(connection_id))
        known = {} if replace else connection.metadata or {}
        connection.metadata = {**known, **(object_in(fields, "metadata") or {})}
    return json_answer(fields, 201 if replace else 200)


@post("/connections")
async def post_connection(request: SandboxRequest, sandbox: NamedDependency[Sandbox]) -> Response[bytes]:
    """Import a connection with credentials got elsewhere; its end user is not in the webhook."""
    fields = checked(IMPORT, await json_body(request), "invalid_body")
    key = text_in(fields, "provider_config_key") or ""
    if key not in sandbox.integrations:
        raise unknown_integration()
    connection_id = text_in(fields, "connection_id") or new_connection_id()
    operation = operation_on(sandbox, key, connection_id)
    credentials = _imported(sandbox, object_in(fields, "credentials") or {})
    connection = sandbox.nango.add_connection(key, connection_id, credentials, sandbox.now())
    sandbox.nango.attribute(connection, end_user_in(fields))
    sandbox.nango.configure(connection, object_in(fields, "connection_config") or {})
    connection.tags = tags_of(connection.end_user, object_in(fields, "tags") or {})
    connection.metadata = object_in(fields, "metadata") or {}
    connection.webhook_url_override = text_in(fields, "webhook_url_override")
    announce_connected(sandbox, connection, operation, None)
    return json_answer(_imported_document(sandbox, connection), 201)


def _imported(sandbox: Sandbox, given: JsonObject) -> Credentials:
    """Take a token as it is given; for an installation's ids, have GitHub make one out."""
    if given["type"] == "OAUTH2":
        return Credentials(type="OAUTH2", access_token=text_in(given, "access_token") or "", raw=given)
    try:
        return app_credentials(sandbox, given.get("installation_id"))
    except AppTokenRefused as refusal:
        raise refused(500, "server_error", "The GitHub App's token could not be made") from refusal


def _imported_document(sandbox: Sandbox, connection: Connection) -> JsonObject:
    """Write the times with `Z`, unlike every other connection document."""
    credentials = credentials_document(connection.credentials, with_refresh_token=False)
    times: dict[str, Json] = {
        "created_at": javascript_time(connection.created_at),
        "updated_at": javascript_time(connection.updated_at),
        "last_fetched_at": javascript_time(connection.last_fetched_at),
    }
    return {**connection_document(connection, sandbox.provider_of(connection), credentials), **times}


def connection_routes() -> Router:
    return Router(
        "/",
        route_handlers=[
            get_connection,
            list_connections,
            patch_connection,
            delete_connection,
            post_metadata,
            patch_metadata,
            post_connection,
        ],
        guards=[readable_json, by_secret_key],
    )
