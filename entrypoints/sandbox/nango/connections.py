"""Reading connections."""

from collections.abc import Iterable
from itertools import islice
from typing import Final

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from entrypoints.sandbox.nango.bodies import text_in
from entrypoints.sandbox.nango.documents import connection_document, credentials_document, listed_connection
from entrypoints.sandbox.nango.refresh import RefreshBackingOff, RefreshFailed, ensure_fresh
from entrypoints.sandbox.nango.refusals import NangoRefusal, unknown_connection, unknown_integration
from entrypoints.sandbox.nango.schema import Check, checked, number, optional, strict_object, text
from entrypoints.sandbox.nango.state import Connection
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.wire import Json, JsonObject, SandboxRequest, json_answer

INTEGRATION_QUERY: Final = strict_object({"provider_config_key": text(1)})
CONNECTION_QUERY: Final = strict_object(
    {
        "provider_config_key": text(1),
        "force_refresh": optional(text()),
        "refresh_token": optional(text()),
        "refresh_github_app_jwt_token": optional(text()),
    }
)
LIST_FILTERS: Final[dict[str, Check]] = {
    "connectionId": optional(text(1, 255)),
    "search": optional(text()),
    "endUserId": optional(text(1, 255)),
    "integrationId": optional(text(1)),
    "integrationIds": optional(text(1)),
    "endUserOrganizationId": optional(text(0, 255)),
    "limit": optional(number(1, 2000)),
    "page": optional(number(0)),
}
LARGEST_LIST: Final = 10_000
TAG_PREFIX: Final = "tags["


def query_of(request: SandboxRequest) -> JsonObject:
    return {**request.query_params}


def find_connection(sandbox: Sandbox, query: JsonObject, connection_id: str) -> Connection:
    """Find the connection of a checked query, or refuse in one of Nango's two ways."""
    key = text_in(query, "provider_config_key") or ""
    if key not in sandbox.integrations:
        raise unknown_integration()
    connection = sandbox.nango.find_connection(key, connection_id)
    if connection is None:
        raise unknown_connection()
    return connection


@get("/connections/{connection_id:str}")
async def get_connection(
    request: SandboxRequest, sandbox: NamedDependency[Sandbox], connection_id: FromPath[str]
) -> Response[bytes]:
    query = checked(CONNECTION_QUERY, query_of(request), "invalid_query_params")
    connection = find_connection(sandbox, query, connection_id)
    shows_refresh_token = query.get("refresh_token") == "true"
    try:
        refreshed = ensure_fresh(sandbox, connection, force=query.get("force_refresh") == "true")
    except RefreshFailed as failure:
        raise _unusable(sandbox, connection, 500, str(failure)) from failure
    except RefreshBackingOff as failure:
        raise _unusable(sandbox, connection, 424, str(failure)) from failure
    credentials = credentials_document(
        connection.credentials, with_refresh_token=shows_refresh_token, refreshed_just_now=refreshed
    )
    document = connection_document(
        connection, sandbox.provider_of(connection), credentials, with_refresh_token=shows_refresh_token
    )
    return json_answer(document)


def _unusable(sandbox: Sandbox, connection: Connection, status: int, message: str) -> NangoRefusal:
    document = connection_document(connection, sandbox.provider_of(connection), {})
    error: Json = {"code": "invalid_credentials", "message": message, "payload": {"connection": document}}
    return NangoRefusal(status, {"error": error})


@get("/connections")
async def list_connections(request: SandboxRequest, sandbox: NamedDependency[Sandbox]) -> Response[bytes]:
    given = query_of(request)
    tags = {name[len(TAG_PREFIX) : -1]: value for name, value in given.items() if name.startswith(TAG_PREFIX)}
    others: JsonObject = {name: value for name, value in given.items() if not name.startswith(TAG_PREFIX)}
    query = checked(strict_object(LIST_FILTERS), others, "invalid_query_params")
    size = int(text_in(query, "limit") or LARGEST_LIST)
    first = int(text_in(query, "page") or 0) * size
    candidates = _candidates(sandbox, text_in(query, "connectionId"), text_in(query, "endUserId"))
    matching = (one for one in candidates if _matches(one, query, tags))
    page = islice(matching, first, first + size)
    return json_answer({"connections": [listed_connection(one, sandbox.provider_of(one)) for one in page]})


def _candidates(sandbox: Sandbox, connection_id: str | None, end_user_id: str | None) -> Iterable[Connection]:
    """Narrow the search by what has an index; the other filters look at each connection."""
    if connection_id is None:
        return sandbox.nango.newest_first(end_user_id)
    named = (sandbox.nango.find_connection(key, connection_id) for key in sandbox.integrations)
    return sorted((one for one in named if one is not None), key=lambda one: -one.id)


def _matches(connection: Connection, query: JsonObject, tags: JsonObject) -> bool:
    end_user = connection.end_user
    organization = end_user.organization if end_user else None
    exact = {
        "connectionId": connection.connection_id,
        "endUserId": end_user.id if end_user else None,
        "endUserOrganizationId": organization.id if organization else None,
    }
    return (
        all(query[name] == value for name, value in exact.items() if name in query)
        and all(
            connection.integration in (text_in(query, name) or "").split(",")
            for name in ("integrationId", "integrationIds")
            if name in query
        )
        and all(connection.tags.get(name) == value for name, value in tags.items())
        and _found_by(connection, text_in(query, "search"))
    )


def _found_by(connection: Connection, search: str | None) -> bool:
    if search is None:
        return True
    end_user = connection.end_user
    places = [connection.connection_id]
    if end_user is not None:
        places += [end_user.id, end_user.email or "", end_user.display_name or ""]
    return any(search.casefold() in place.casefold() for place in places)
