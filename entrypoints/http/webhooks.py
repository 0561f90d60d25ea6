"""What Nango sends."""

import asyncio
import re
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Request, post
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.params import RawBody
from litestar.types import ASGIApp, HTTPReceiveMessage, Receive, Scope, Send, WebSocketReceiveMessage

from application.deliveries.accept_delivery import AcceptDelivery
from domain.errors import InvalidSignature, UpstreamUnavailable
from entrypoints.http.problems import problems
from entrypoints.metrics import count_accepted

PATH: Final = "/api/webhooks/nango"
# GitHub's own limit, for events that Nango passes on.
LARGEST_BODY_BYTES: Final = 25 * 1024 * 1024
MOST_HELD_BYTES: Final = 128 * 1024 * 1024
# Nango itself gives up after 20.
READ_SECONDS: Final = 19
SIGNATURE: Final = re.compile(r"[0-9a-f]{64}")
SIGNATURE_HEADERS: Final = ("x-nango-hmac-sha256", "x-nango-signature")


class AcceptedResponse(msgspec.Struct, frozen=True):
    success: bool = True


class BodiesInFlight(ASGIMiddleware):
    """Counts the bytes of bodies that are held, as a signature can be checked only when all of it is here.

    What a slow sender has not sent yet holds nothing, so nobody waits for one.
    """

    def __init__(self) -> None:
        self._held_bytes = 0

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        own_bytes = 0

        async def counted() -> HTTPReceiveMessage | WebSocketReceiveMessage:
            nonlocal own_bytes
            message = await receive()
            size = len(message["body"]) if message["type"] == "http.request" else 0
            own_bytes += size
            self._held_bytes += size
            if self._held_bytes > MOST_HELD_BYTES:
                raise UpstreamUnavailable("too many large deliveries at once: send it again")
            return message

        try:
            async with asyncio.timeout(READ_SECONDS):
                await next_app(scope, counted, send)
        except TimeoutError as error:
            raise UpstreamUnavailable("the delivery took too long: send it again") from error
        finally:
            self._held_bytes -= own_bytes


# Awaited, because Litestar runs any other guard in a thread of its own.
async def is_signed(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Refuse what carries nothing like a signature before its body is read."""
    if not any(SIGNATURE.fullmatch(connection.headers.get(name, "").lower()) for name in SIGNATURE_HEADERS):
        raise InvalidSignature("X-Nango-Hmac-Sha256 is missing, or is no SHA-256 in hexadecimal")


@post(
    PATH,
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
    middleware=[BodiesInFlight()],
    request_max_body_size=LARGEST_BODY_BYTES,
)
async def post_nango_webhook(
    request: Request[Any, Any, Any],
    body: RawBody,
    accept_delivery: NamedDependency[AcceptDelivery],
) -> AcceptedResponse:
    """Keep a signed webhook, durably; what it asks for is done afterwards."""
    count_accepted(await accept_delivery(body, request.headers))
    return AcceptedResponse()
