"""Nango's webhook ingress, where GitHub's webhooks come in, and anybody's: it is a signing oracle."""

import hashlib
import hmac
import re
from typing import Final

from litestar import Response, Router, post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath

from entrypoints.sandbox.nango.admission import AnyConnection, json_body, readable_json
from entrypoints.sandbox.nango.approvals import AlreadyApproved, approve
from entrypoints.sandbox.nango.bodies import object_in
from entrypoints.sandbox.nango.refusals import NangoRefusal
from entrypoints.sandbox.nango.schema import invalid, issue
from entrypoints.sandbox.nango.state import Connection
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.wire import Json, JsonObject, SandboxRequest, json_answer, stable_json

UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
FORM: Final = "application/x-www-form-urlencoded"
SIGNATURE: Final = "x-hub-signature-256"
NOT_FORWARDED: Final = frozenset(
    {
        "host",
        "authorization",
        "connection",
        "keep-alive",
        "content-length",
        "content-type",
        "content-encoding",
        "transfer-encoding",
        "cookie",
        "referer",
        "user-agent",
        "server",
    }
)
PREFIXES_NOT_FORWARDED: Final = ("sec-", "proxy-")


@post("/webhook/{environment_uuid:str}/{integration_key:str}")
async def post_webhook(
    request: SandboxRequest,
    sandbox: NamedDependency[Sandbox],
    environment_uuid: FromPath[str],
    integration_key: FromPath[str],
) -> Response[bytes] | Response[None]:
    """GitHub's signature is checked only when there is one, and the app gets the body with Nango's own."""
    if not UUID.fullmatch(environment_uuid):
        raise invalid("invalid_uri_params", [issue("invalid_format", "Invalid UUID", ("environmentUuid",))])
    limit = sandbox.rate_limits.charge("public", None, sandbox.now())
    request.state.rate_limit_headers = limit.headers()
    if environment_uuid != sandbox.settings.environment_uuid:
        raise NangoRefusal(404, {"error": {"code": "unknown_environment"}})
    integration = sandbox.integrations.get(integration_key)
    if integration is None:
        raise NangoRefusal(404, {"error": {"code": "unknown_provider_config"}})
    if integration.provider == "github":
        return Response(None, status_code=204)
    _check_signature(request.headers.get(SIGNATURE), await request.body(), sandbox.hook_secret)
    status, answer = receive_from_github(sandbox, integration_key, await event_in(request), {**request.headers})
    return json_answer(answer, status)


def receive_from_github(
    sandbox: Sandbox, integration_key: str, body: Json, headers: dict[str, str]
) -> tuple[int, JsonObject]:
    """Take an event whose signature is of no concern any more; give the status and body that GitHub gets."""
    event = body if isinstance(body, dict) else {}
    try:
        approve(sandbox, event)
    except AlreadyApproved as refusal:
        return 400, {"error": str(refusal)}
    installation = object_in(event, "installation") or {}
    matching = sandbox.nango.of_installation(integration_key, str(installation.get("id", "")))
    _forward(sandbox, matching, body, inbound_headers(headers))
    return 200, {"status": "success"}


def _check_signature(given: str | None, body: bytes, secret: str) -> None:
    if given is None:
        return
    right = f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"
    if len(given) != len(right):
        raise NangoRefusal(500, {"error": "internal_error"})
    if not hmac.compare_digest(given, right):
        raise NangoRefusal(401, {"error": "Invalid webhook signature"})


def inbound_headers(headers: dict[str, str]) -> dict[str, str]:
    """Choose the headers that go on to the app; a signature of Nango's among them is replaced in its place."""
    return {
        name: value
        for name, value in headers.items()
        if name.lower() not in NOT_FORWARDED and not name.lower().startswith(PREFIXES_NOT_FORWARDED)
    }


async def event_in(request: SandboxRequest) -> Json:
    """Read the event; from a form each field stays a text, so that nothing in it is found."""
    if request.headers.get("content-type", "").startswith(FORM):
        return {name: str(value) for name, value in (await request.form()).items()}
    return await json_body(request)


def _forward(sandbox: Sandbox, matching: list[Connection], body: Json, headers: dict[str, str]) -> None:
    """Send one wrapped copy per connection of the installation; the bare body when there is no such connection."""
    if not matching:
        sandbox.webhooks.send(stable_json(body), inbound=headers)
    for connection in matching:
        envelope: JsonObject = {
            "from": "github-app-oauth",
            "type": "forward",
            "connectionId": connection.connection_id,
            "providerConfigKey": connection.integration,
            "payload": body,
        }
        sandbox.webhooks.send(stable_json(envelope), connection.webhook_url_override, headers)


async def readable_event(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """Let forms through, which GitHub can be set to send."""
    if not connection.headers.get("content-type", "").startswith(FORM):
        await readable_json(connection, handler)


def ingress_routes() -> Router:
    return Router("/", route_handlers=[post_webhook], guards=[readable_event])
