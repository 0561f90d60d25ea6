"""What Nango sends."""

from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Request, post
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import RawBody

from application.deliveries.accept_delivery import AcceptDelivery
from domain.errors import InvalidSignature
from entrypoints.http.problems import problems

# GitHub's own limit, for events that Nango passes on.
LARGEST_BODY_BYTES: Final = 25 * 1024 * 1024


class AcceptedResponse(msgspec.Struct, frozen=True):
    success: bool = True


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
    request_max_body_size=LARGEST_BODY_BYTES,
)
async def post_nango_webhook(
    request: Request[Any, Any, Any], body: RawBody, accept_delivery: NamedDependency[AcceptDelivery]
) -> AcceptedResponse:
    """Keep a signed webhook, durably; what it asks for is done afterwards."""
    await accept_delivery(body, request.headers)
    return AcceptedResponse()
