"""Signed-in people connect repositories, by the doors that sign people in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from litestar import HttpMethod, Request, Response, get, route
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect
from litestar.status_codes import HTTP_303_SEE_OTHER
from litestar.types import Method
from litestar.types.internal_types import PathParameterDefinition

from application.login.open_connect_ui import OpenConnectUi
from application.repositories.await_link import AwaitLink, LinkStatus
from application.repositories.start_link import StartLink
from domain.connection import ConnectionId
from domain.errors import UpstreamMisconfigured
from domain.session import Principal
from entrypoints.http.connect_ui import LONGEST_WAIT_SECONDS, SessionResponse, session_response
from entrypoints.http.cookies import Cookies
from entrypoints.http.cross_site import refuse_cross_site_start
from entrypoints.http.problems import problems
from entrypoints.http.repositories import RepositoryResponse
from entrypoints.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkDoor:
    """What these routes need; one dependency, as Litestar resolves several in tasks of their own."""

    start_link: StartLink
    open_link_ui: OpenConnectUi
    await_link: AwaitLink
    cookies: Cookies
    trusted_origins: frozenset[str]
    settings: Settings


@get(
    "/connect-repositories",
    operation_id="startLink",
    status_code=HTTPStatus.SEE_OTHER,
    responses=problems(
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.SERVICE_UNAVAILABLE,
    ),
    page=True,
    limit="login_starts",
)
async def get_connect_repositories(
    request: Request[Principal, str, Any],
    link_door: NamedDependency[LinkDoor],
    *,
    return_to: Annotated[str | None, QueryParameter()] = None,
    install: Annotated[bool, QueryParameter()] = True,
) -> Redirect:
    """Send a signed-in browser to GitHub, to install the App, or with `install=false` only to authorise it.

    `return_to` is a path of this service, or a URL on one of the `ALLOWED_ORIGINS`; it comes back with the
    `connection_id` whose status tells what became of it.
    """
    refuse_cross_site_start(request.headers, link_door.trusted_origins)
    if link_door.settings.is_bound_by_cookie:
        # GitHub's page that installs an App goes to the App's own callback URL, which nobody tells us.
        raise UpstreamMisconfigured("with LOGIN_BINDING=cookie GitHub sends people elsewhere: use Connect UI")
    surplus = link_door.cookies.surplus(request.cookies)
    started = await link_door.start_link(request.user.user_id, return_to, installs=install)
    return Redirect(
        started.url,
        status_code=HTTP_303_SEE_OTHER,
        cookies=[*surplus, link_door.cookies.attempt(started.attempt, started.secret)],
    )


def operation_id(_: HTTPRouteHandler, method: Method, __: list[str | PathParameterDefinition]) -> str:
    """Name the operation, which has two methods: the seed used one, browsers should use the other."""
    return f"{str(method).lower()}GithubAppSession"


@route(
    "/github-app-session",
    http_method=[HttpMethod.GET, HttpMethod.POST],
    operation_id=operation_id,
    status_code=HTTPStatus.OK,
    responses=problems(
        HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE
    ),
    limit="login_starts",
)
async def open_github_app_session(
    request: Request[Principal, str, Any], link_door: NamedDependency[LinkDoor]
) -> Response[SessionResponse]:
    """Begin to connect repositories through Connect UI, with this service as its `apiURL`."""
    refuse_cross_site_start(request.headers, link_door.trusted_origins)
    surplus = link_door.cookies.surplus(request.cookies)
    opened = await link_door.open_link_ui(request.user.user_id)
    return Response(
        session_response(opened, link_door.settings),
        cookies=[*surplus, link_door.cookies.attempt(opened.attempt, opened.secret)],
    )


class LinkStatusResponse(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """`repos` (at most 1000) and `repoCount` come with `ready`; `denied` says in words why nothing is shown."""

    ready: bool
    repos: Sequence[RepositoryResponse] | None = None
    repo_count: int | None = None
    pending_approval: bool = False
    denied: str | None = None

    @classmethod
    def of(cls, status: LinkStatus) -> "LinkStatusResponse":
        if not status.is_ready:
            return cls(ready=False, pending_approval=status.is_pending, denied=status.denied)
        return cls(ready=True, repos=[RepositoryResponse.of(grant) for grant in status.grants], repo_count=status.total)


@get(
    "/github-app/status/{connection_id:str}",
    operation_id="awaitLink",
    responses=problems(HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.SERVICE_UNAVAILABLE),
)
async def get_github_app_status(
    request: Request[Principal, str, Any],
    connection_id: FromPath[str],
    link_door: NamedDependency[LinkDoor],
    wait: Annotated[int, QueryParameter(ge=0, le=LONGEST_WAIT_SECONDS)] = 0,
) -> LinkStatusResponse:
    """Tell the person who connected repositories what became of it, waiting up to `wait` seconds for a decision."""
    named, seconds = ConnectionId(connection_id), timedelta(seconds=wait)
    return LinkStatusResponse.of(await link_door.await_link(request.user.user_id, named, seconds))
