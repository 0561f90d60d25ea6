"""Nango's proxy: a caller's request goes to GitHub with the connection's token."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from math import isnan
from typing import Final

from litestar import Response, Router, route
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream
from msgspec import UnsetType

from entrypoints.sandbox.github.exchange import UpstreamAnswer, UpstreamRequest
from entrypoints.sandbox.nango.admission import by_secret_key
from entrypoints.sandbox.nango.paths import resolved
from entrypoints.sandbox.nango.refresh import RefreshBackingOff, RefreshFailed, ensure_fresh
from entrypoints.sandbox.nango.refusals import refused
from entrypoints.sandbox.nango.schema import Issue, Path, checked, issue, optional, strict_object, text
from entrypoints.sandbox.nango.state import Connection
from entrypoints.sandbox.nango.upstream import follow
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.wire import (
    JSON_MEDIA_TYPE,
    Json,
    JsonObject,
    SandboxRequest,
    UnreadableJson,
    compact_json,
    read_json,
)

PREFIX: Final = "/proxy"
FORWARDED: Final = "nango-proxy-"
RETRIED: Final = frozenset({401, 403, 429})
FIRST_ERROR: Final = 400
SERVER_ERRORS: Final = 500
NO_BODY: Final = frozenset({204, 304})


def retries_header(value: Json | UnsetType, path: Path) -> list[Issue]:
    try:
        wrong = isnan(float(str(value or 0)))
    except ValueError:
        wrong = True
    return [issue("invalid_type", "Invalid input: expected number, received NaN", path)] if wrong else []


PROXY_HEADERS: Final = strict_object(
    {"provider-config-key": text(1), "connection-id": text(1), "retries": optional(retries_header)}, others=True
)


@route("/proxy/{path:path}", http_method=["GET", "POST", "PUT", "PATCH", "DELETE"])
async def proxy(
    request: SandboxRequest, sandbox: NamedDependency[Sandbox], path: FromPath[str]
) -> Response[bytes] | Response[None] | Stream:
    """Only headers that begin with `Nango-Proxy-` go on to GitHub, without that beginning."""
    del path  # decoded, and so of no use: what goes on is the path as it was sent
    headers: JsonObject = {name.lower(): value for name, value in request.headers.items()}
    checked(PROXY_HEADERS, headers, "invalid_headers")
    connection = _find_connection(sandbox, str(headers["provider-config-key"]), str(headers["connection-id"]))
    _refresh(sandbox, connection)
    upstream = UpstreamRequest(
        method=request.method,
        target=_target(request),
        headers=await _upstream_headers(request, connection),
        body=_upstream_body(await request.body()),
    )
    answer = await _ask(sandbox, upstream, int(float(str(headers.get("retries") or 0))))
    return _pass_on(answer, chunked=sandbox.conditions.chunked_proxy_answers)


def _find_connection(sandbox: Sandbox, key: str, connection_id: str) -> Connection:
    if key not in sandbox.integrations:
        message = (
            "Provider config not found for the given provider config key. "
            "Please make sure the provider config exists in the Nango dashboard."
        )
        raise refused(404, "unknown_provider_config", message)
    connection = sandbox.nango.find_connection(key, connection_id)
    if connection is None:
        raise refused(400, "server_error", "Failed to get connection")
    return connection


def _refresh(sandbox: Sandbox, connection: Connection) -> None:
    try:
        ensure_fresh(sandbox, connection, force=False)
    except RefreshFailed as failure:
        message = f"Failed to get connection credentials: '{failure}'"
        raise refused(500, "server_error", message) from failure
    except RefreshBackingOff as failure:
        raise refused(424, "connection_refresh_backoff", str(failure)) from failure


def _target(request: SandboxRequest) -> str:
    """Resolve the path as a URL parser does, and leave the query as it is."""
    raw_path = request.scope["raw_path"].split(b"?")[0].decode()
    query = request.scope["query_string"].decode()
    return f"{resolved(raw_path.removeprefix(PREFIX))}{'?' if query else ''}{query}"


async def _upstream_headers(request: SandboxRequest, connection: Connection) -> dict[str, str]:
    """Put what the caller may say over what Nango says by itself: the token can be replaced."""
    body = _upstream_body(await request.body())
    headers = {"accept": "application/json, text/plain, */*"}
    if body:
        is_json = request.headers.get("content-type", "").lower().startswith("application/json")
        headers["content-type"] = "application/json" if is_json else "application/x-www-form-urlencoded"
    headers |= {"authorization": f"Bearer {connection.credentials.access_token}", "user-agent": "axios/1.18.0"}
    headers |= {"content-length": str(len(body))} if body else {}
    headers |= {"accept-encoding": "gzip, compress, deflate, br"}
    headers |= {
        name.lower().removeprefix(FORWARDED): value
        for name, value in request.headers.items()
        if name.lower().startswith(FORWARDED)
    }
    return {**headers, "host": "api.github.com", "connection": "keep-alive"}


def _upstream_body(body: bytes) -> bytes:
    """JSON is written anew, without spaces."""
    try:
        return compact_json(read_json(body)) if body else b""
    except UnreadableJson:
        return body


async def _ask(sandbox: Sandbox, request: UpstreamRequest, retries: int) -> UpstreamAnswer:
    """Sleep before a retry until GitHub's rate limit resets, which it always names, up to an hour ahead."""
    answer = await follow(sandbox, request)
    for _ in range(retries):
        if answer.status not in RETRIED and answer.status < SERVER_ERRORS:
            break
        reset = datetime.fromtimestamp(int(answer.headers["x-ratelimit-reset"]), UTC)
        await sandbox.clock.sleep((reset - sandbox.now()).total_seconds())
        answer = await follow(sandbox, request)
    return answer


def _pass_on(answer: UpstreamAnswer, *, chunked: bool) -> Response[bytes] | Response[None] | Stream:
    """GitHub's headers survive on errors and on chunked answers; else only Nango's own are there."""
    if answer.status in NO_BODY:
        return Response(None, status_code=answer.status)
    if answer.status >= FIRST_ERROR:
        return Response(answer.body, status_code=answer.status, headers=answer.headers, media_type=JSON_MEDIA_TYPE)
    if not chunked:
        return Response(answer.body, status_code=answer.status, media_type=JSON_MEDIA_TYPE)

    async def body() -> AsyncGenerator[bytes, None]:
        yield answer.body

    return Stream(body(), status_code=answer.status, headers=answer.headers, media_type=JSON_MEDIA_TYPE)


def proxy_routes() -> Router:
    return Router("/", route_handlers=[proxy], guards=[by_secret_key])
