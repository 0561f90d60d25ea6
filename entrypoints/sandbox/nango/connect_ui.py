"""Connect UI: a small page that speaks its protocol, and what it asks for besides sessions and integrations."""

from collections.abc import AsyncGenerator
from typing import Final

from litestar import (
    Response,
    Router,
    get,
    post,
    websocket_stream,  # pyright: ignore[reportUnknownVariableType]
)
from litestar.di import NamedDependency
from litestar.handlers import WebsocketRouteHandler
from litestar.params import FromPath
from litestar.response import Template

from entrypoints.sandbox.nango.admission import by_secret_key_or_session, json_body, readable_json, unknown_session
from entrypoints.sandbox.nango.refusals import refused
from entrypoints.sandbox.nango.schema import invalid, issue
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.wire import (
    HTML_MEDIA_TYPE,
    JsonObject,
    SandboxRequest,
    compact_json,
    empty_answer,
    json_answer,
)

PROVIDERS: Final[dict[str, JsonObject]] = {
    "github": {"display_name": "GitHub", "auth_mode": "OAUTH2"},
    "github-app-oauth": {"display_name": "GitHub (App OAuth)", "auth_mode": "CUSTOM"},
}
CATEGORIES: Final = ("dev-tools", "ticketing")


@get("/connect")
async def get_connect_page() -> Template:
    return Template("connect.html", media_type=HTML_MEDIA_TYPE)


@websocket_stream("/")
async def tell_outcome(sandbox: NamedDependency[Sandbox]) -> AsyncGenerator[bytes, None]:
    """Say who one is, which a pop-up then carries along, and how the pop-up ended."""
    with sandbox.audience.listening() as (name, outcome):
        yield compact_json({"message_type": "connection_ack", "ws_client_id": name})
        yield compact_json(await outcome)


@get("/providers/{provider:str}")
async def get_provider(sandbox: NamedDependency[Sandbox], provider: FromPath[str]) -> Response[bytes]:
    known = PROVIDERS.get(provider)
    if known is None:
        raise refused(404, "not_found", f"Unknown provider {provider}")
    logo = f"{sandbox.settings.public_url}/images/template-logos/{provider}.svg"
    return json_answer({"data": {**known, "categories": [*CATEGORIES], "name": provider, "logo_url": logo}})


@post("/connect/telemetry", status_code=204)
async def post_telemetry(request: SandboxRequest, sandbox: NamedDependency[Sandbox]) -> Response[None]:
    """Hear what a person does in Connect UI; the beacon has its token in the body."""
    body = await json_body(request)
    token = body.get("token") if isinstance(body, dict) else None
    if not isinstance(token, str):
        raise invalid("invalid_body", [issue("invalid_type", "Required", ("token",))])
    if sandbox.nango.find_session(token, sandbox.now()) is None:
        raise unknown_session()
    return empty_answer(204)


def connect_ui_routes() -> list[Router | WebsocketRouteHandler]:
    return [
        Router("/", route_handlers=[get_connect_page]),
        Router("/", route_handlers=[get_provider], guards=[by_secret_key_or_session]),
        Router("/", route_handlers=[post_telemetry], guards=[readable_json]),
        tell_outcome,
    ]
