"""The gate before Nango and GitHub: every call is counted, delayed, and made to fail when asked."""

from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from entrypoints.sandbox.calls import Bucket
from entrypoints.sandbox.conditions import PlannedFailure
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.wire import compact_json


class Gate(ASGIMiddleware):
    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        sandbox: Sandbox = scope["litestar_app"].state.sandbox
        at, endpoint = sandbox.now(), endpoint_of(scope)
        await sandbox.clock.sleep(sandbox.conditions.latency_seconds)
        failure = sandbox.conditions.take_failure(endpoint)
        if failure is None:
            await next_app(scope, receive, send)
        else:
            await sandbox.clock.sleep(failure.seconds)
            await fail(failure, send)
        bucket: Bucket = scope["state"].get("bucket", "public")
        sandbox.calls.note(at, endpoint, bucket)


async def fail(failure: PlannedFailure, send: Send) -> None:
    """Answer with the planned status; an answer left unfinished makes the server cut the connection."""
    body = compact_json({"error": {"code": "server_error", "message": "Internal server error"}})
    headers = [(b"content-type", b"application/json; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": failure.status, "headers": headers})
    is_cut = failure.kind == "reset"
    await send({"type": "http.response.body", "body": b"" if is_cut else body, "more_body": is_cut})


def endpoint_of(scope: Scope) -> str:
    """`GET /connections/{connection_id}`."""
    method = scope["method"] if scope["type"] == "http" else "WEBSOCKET"
    return f"{method} {scope['path_template']}"


async def add_rate_limit_headers(message: Message, scope: Scope) -> None:
    """Nango's rate limit goes on every answer that got past its key, unless GitHub's own is there."""
    if message["type"] != "http.response.start":
        return
    rate_limit: dict[str, str] = scope["state"].get("rate_limit_headers", {})
    headers = MutableScopeHeaders.from_message(message)
    for name, value in rate_limit.items():
        if name.lower() not in headers:
            headers.add(name, value)
