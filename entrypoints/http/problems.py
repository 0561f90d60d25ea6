"""How failures are said: a problem document (RFC 9457), or a plain page where a browser asks."""

import math
from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final

import msgspec
import structlog
from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException
from litestar.openapi.datastructures import ResponseSpec
from litestar.response import Template

from domain.errors import (
    DomainError,
    Forbidden,
    Invalid,
    LoginStillPassing,
    NotFound,
    TooLarge,
    TooOften,
    Unauthenticated,
    UpstreamMisconfigured,
    UpstreamUnavailable,
)
from entrypoints.http.edge import described

log = structlog.get_logger()

STATUS_OF: Final[dict[type[DomainError], HTTPStatus]] = {
    Invalid: HTTPStatus.BAD_REQUEST,
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    TooOften: HTTPStatus.TOO_MANY_REQUESTS,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    UpstreamUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
PROBLEM_JSON: Final = "application/problem+json"
PAGE_RETRY_SECONDS: Final = 3
# Under which a request's scope has the code of its problem.
PROBLEM_CODE: Final = "problem_code"


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """A problem document; `code` is stable, `detail` is for people."""

    title: str
    status: int
    detail: str
    code: str
    type: str = "about:blank"
    errors: Sequence[Any] = ()


def problems(*statuses: HTTPStatus) -> dict[int, ResponseSpec]:
    """Describe a route's failures for its OpenAPI document."""
    return {
        status: ResponseSpec(data_container=Problem, media_type=PROBLEM_JSON, description=status.phrase)
        for status in statuses
    }


def status_of(error: DomainError) -> HTTPStatus:
    """Find the status of the error's family."""
    return next(STATUS_OF[family] for family in type(error).__mro__ if family in STATUS_OF)


def from_domain(request: Request[Any, Any, Any], error: DomainError) -> Response[Any]:
    status = status_of(error)
    headers = retry_after(error.retry_after) if isinstance(error, UpstreamUnavailable | TooOften) else {}
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    if status is HTTPStatus.SERVICE_UNAVAILABLE and not isinstance(error, LoginStillPassing):
        log.warning("upstream_unavailable", code=error.code, reason=str(error), cause=repr(error.__cause__))
    problem = Problem(title=status.phrase, status=status, detail=str(error), code=error.code)
    if isinstance(error, UpstreamUnavailable) and not isinstance(error, UpstreamMisconfigured):
        repeat_seconds = max(PAGE_RETRY_SECONDS, int(headers.get("Retry-After", 0)))
        return respond(request, problem, headers, repeat_seconds)
    return respond(request, problem, headers)


def from_litestar(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    status = HTTPStatus(error.status_code)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return from_bug(request, error)
    problem = Problem(
        title=status.phrase,
        status=status,
        detail=error.detail,
        code=status.name.lower(),
        errors=error.extra if isinstance(error.extra, list) else (),
    )
    headers = dict(error.headers or {})
    if "RateLimit-Reset" in headers:
        headers["Retry-After"] = headers["RateLimit-Reset"]
    return respond(request, problem, headers)


def from_bug(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Log the cause, and tell the caller nothing of it."""
    log.error("bug", exc_info=error, **described(request.scope))
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    problem = Problem(title=status.phrase, status=status, detail="This is our fault, and was logged.", code="bug")
    return respond(request, problem, {})


def retry_after(wait: timedelta | None) -> dict[str, str]:
    return {} if wait is None else {"Retry-After": str(max(1, math.ceil(wait.total_seconds())))}


def respond(
    request: Request[Any, Any, Any], problem: Problem, headers: dict[str, str], repeat_seconds: int | None = None
) -> Response[Any]:
    request.scope["state"][PROBLEM_CODE] = problem.code
    if wants_page(request):
        return Template(
            "problem.html",
            context={"problem": problem, "retry_seconds": repeat_seconds, "is_popup": is_popup(request)},
            status_code=problem.status,
            headers=headers,
            media_type=MediaType.HTML,
        )
    return Response(problem, status_code=problem.status, headers=headers, media_type=PROBLEM_JSON)


def is_popup(request: Request[Any, Any, Any]) -> bool:
    return "route_handler" in request.scope and "popup" in request.scope["route_handler"].opt


def wants_page(request: Request[Any, Any, Any]) -> bool:
    """Tell whether a person looks at this: a route that browsers visit, asked for HTML."""
    # A path that is not there has no handler.
    is_visited = "route_handler" in request.scope and "page" in request.scope["route_handler"].opt
    return is_visited and "text/html" in request.headers.get("accept", "")
