"""What Nango sends."""

import asyncio
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Request, post
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.params import RawBody
from litestar.types import ASGIApp, Receive, Scope, Send

from application.deliveries.accept_delivery import AcceptDelivery
from domain.delivery import LARGEST_OWN_BYTES
from domain.errors import InvalidSignature, UpstreamUnavailable
from entrypoints.http.problems import problems

# GitHub's own limit, for events that Nango passes on.
LARGEST_BODY_BYTES: Final = 25 * 1024 * 1024
# A body is read before its signature can be checked, so the memory of strangers' large ones is bounded here.
LARGE_BODIES_AT_ONCE: Final = 4
LARGE_BODY_WAIT_SECONDS: Final = 5


class AcceptedResponse(msgspec.Struct, frozen=True):
    success: bool = True


class LargeBodiesInTurn(ASGIMiddleware):
    """Reads few large bodies at a time; one that does not say its size counts as large."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(LARGE_BODIES_AT_ONCE)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        length = dict(scope["headers"]).get(b"content-length", b"")
        if length.isdigit() and int(length) <= LARGEST_OWN_BYTES:
            await next_app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(LARGE_BODY_WAIT_SECONDS):
                await self._places.acquire()
        except TimeoutError as error:
            raise UpstreamUnavailable("too many large deliveries at once: send it again") from error
        try:
            await next_app(scope, receive, send)
        finally:
            self._places.release()


def is_signed(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Refuse what carries no signature before its body is read."""
    if not connection.headers.keys() & {"x-nango-hmac-sha256", "x-nango-signature"}:
        raise InvalidSignature("X-Nango-Hmac-Sha256 is missing")


@post(
    "/api/webhooks/nango",
    operation_id="acceptDelivery",
    status_code=HTTPStatus.OK,
    responses=problems(
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.SERVICE_UNAVAILABLE,
    ),
    security=[{}],
    public=True,
    guards=[is_signed],
    middleware=[LargeBodiesInTurn()],
    request_max_body_size=LARGEST_BODY_BYTES,
)
async def post_nango_webhook(
    request: Request[Any, Any, Any], body: RawBody, accept_delivery: NamedDependency[AcceptDelivery]
) -> AcceptedResponse:
    """Keep a signed webhook, durably; what it asks for is done afterwards."""
    await accept_delivery(body, request.headers)
    return AcceptedResponse()
