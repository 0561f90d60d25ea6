"""For the operator's monitor."""

import asyncio
import hmac
import time
from typing import Any, Final

import structlog
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import CONTENT_TYPE_LATEST

from application.deliveries.measure_backlog import BacklogMeasured, MeasureBacklog
from domain.errors import Unauthenticated, UpstreamUnavailable
from entrypoints.http.problems import PROBLEM_CODE
from entrypoints.http.webhooks import PATH as WEBHOOKS
from entrypoints.metrics import REFUSED, REQUEST_SECONDS, REQUESTS, in_text
from entrypoints.settings import Settings

log = structlog.get_logger()

BEGAN: Final = "began"
DATABASE_SECONDS: Final = 2
METHODS: Final = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
# Of the problems that a webhook may meet.
REASONS: Final = {
    "request_entity_too_large": "size",
    "invalid_signature": "signature",
    "malformed_delivery": "malformed",
    "too_large": "too_large",
    "delivery_quota_spent": "quota",
    "upstream_unavailable": "unavailable",
}
FIRST_ERROR: Final = 400


@get("/metrics", public=True, include_in_schema=False)
async def get_metrics(
    request: Request[Any, Any, Any],
    settings: NamedDependency[Settings],
    measure_backlog: NamedDependency[MeasureBacklog],
) -> Response[bytes]:
    """Tell a monitor that knows the token what was counted."""
    wanted = f"Bearer {settings.metrics_token}"
    if not hmac.compare_digest(request.headers.get("authorization", "").encode(), wanted.encode()):
        raise Unauthenticated("send METRICS_TOKEN as bearer")
    text = await asyncio.to_thread(in_text, await backlog_of(measure_backlog))
    return Response(text, media_type=CONTENT_TYPE_LATEST)


async def backlog_of(measure_backlog: MeasureBacklog) -> BacklogMeasured | None:
    """Ask the database, or do without: an outage is when the other numbers are wanted most."""
    try:
        async with asyncio.timeout(DATABASE_SECONDS):
            return await measure_backlog()
    except (UpstreamUnavailable, TimeoutError) as error:
        log.warning("metrics_without_database", reason=type(error).__name__)
        return None


class MeasuredRequests(ASGIMiddleware):
    """Notes when a request came."""

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        scope["state"][BEGAN] = time.perf_counter()
        await next_app(scope, receive, send)


async def count_request(message: Message, scope: Scope) -> None:
    """Count an answer; a path that leads nowhere has no template, and no time."""
    if message["type"] != "http.response.start" or scope["type"] != ScopeType.HTTP:
        return
    route = scope.get("path_template", "none")  # pyright: ignore[reportUnknownMemberType] - of another key
    method = scope["method"] if scope["method"] in METHODS else "other"
    REQUESTS.labels(route, method, message["status"]).inc()
    if (began := scope["state"].get(BEGAN)) is not None:
        REQUEST_SECONDS.labels(route, method).observe(time.perf_counter() - began)
    if route == WEBHOOKS and method == "POST" and message["status"] >= FIRST_ERROR:
        REFUSED.labels(REASONS.get(scope["state"].get(PROBLEM_CODE, ""), "other")).inc()
