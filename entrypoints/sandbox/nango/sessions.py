"""Connect sessions."""

from litestar import Response, Router, delete, get, post
from litestar.di import NamedDependency

from entrypoints.sandbox.nango.admission import (
    by_secret_key,
    by_session,
    json_body,
    readable_json,
    session_of,
    unknown_session,
)
from entrypoints.sandbox.nango.bodies import RECONNECT, end_user_in, object_in, session_body, text_in
from entrypoints.sandbox.nango.documents import session_document
from entrypoints.sandbox.nango.ids import new_session_token
from entrypoints.sandbox.nango.refusals import refused
from entrypoints.sandbox.nango.schema import Issue, checked, invalid, issue, strict_object
from entrypoints.sandbox.nango.state import SESSION_LIFETIME, Connection, ConnectSession
from entrypoints.sandbox.nango.tags import tags_of
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.wire import JsonObject, SandboxRequest, empty_answer, javascript_time, json_answer

NO_QUERY = strict_object({})


def open_session(
    sandbox: Sandbox, fields: JsonObject, allowed: tuple[str, ...] | None, reconnects: Connection | None
) -> Response[bytes]:
    end_user = end_user_in(fields)
    session = ConnectSession(
        token=new_session_token(),
        end_user=end_user,
        shown_end_user=end_user or (reconnects and reconnects.end_user),
        tags=tags_of(end_user, object_in(fields, "tags") or {}),
        allowed_integrations=allowed,
        expires_at=sandbox.now() + SESSION_LIFETIME,
        webhook_url_override=text_in(fields, "webhook_url_override"),
        reconnects=reconnects,
    )
    sandbox.nango.open_session(session)
    document: JsonObject = {
        "token": session.token,
        "connect_link": f"{sandbox.settings.connect_ui_url}?session_token={session.token}",
        "expires_at": javascript_time(session.expires_at),
    }
    return json_answer({"data": document}, 201)


@post("/connect/sessions")
async def post_session(request: SandboxRequest, sandbox: NamedDependency[Sandbox]) -> Response[bytes]:
    checked(NO_QUERY, {**request.query_params}, "invalid_query_params")
    fields = session_body(await json_body(request))
    allowed = fields.get("allowed_integrations")
    keys = tuple(str(key) for key in allowed) if isinstance(allowed, list) else ()
    unknown: list[Issue] = [
        issue("custom", "Integration does not exist", ("allowed_integrations", str(index)))
        for index, key in enumerate(keys)
        if key not in sandbox.integrations
    ]
    if unknown:
        raise invalid("invalid_body", unknown)
    return open_session(sandbox, fields, keys or None, None)


@post("/connect/sessions/reconnect")
async def post_reconnect_session(request: SandboxRequest, sandbox: NamedDependency[Sandbox]) -> Response[bytes]:
    checked(NO_QUERY, {**request.query_params}, "invalid_query_params")
    fields = checked(RECONNECT, await json_body(request), "invalid_body")
    integration = text_in(fields, "integration_id") or ""
    connection = sandbox.nango.find_connection(integration, text_in(fields, "connection_id") or "")
    if connection is None:
        raise refused(400, "invalid_body", "ConnectionID or IntegrationId does not exists")
    return open_session(sandbox, fields, (integration,), connection)


@get("/connect/session")
async def get_session(request: SandboxRequest) -> Response[bytes]:
    session = session_of(request)
    if session is None:
        raise unknown_session()
    return json_answer(session_document(session))


@delete("/connect/session", status_code=204)
async def delete_session(request: SandboxRequest, sandbox: NamedDependency[Sandbox]) -> Response[None]:
    session = session_of(request)
    if session is not None:
        sandbox.nango.delete_session(session)
    return empty_answer(204)


def session_routes() -> list[Router]:
    return [
        Router(
            "/",
            route_handlers=[post_session, post_reconnect_session],
            guards=[readable_json, by_secret_key],
        ),
        Router("/", route_handlers=[get_session, delete_session], guards=[by_session]),
    ]
