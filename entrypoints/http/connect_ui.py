"""The Connect UI door: the seed's contract, with the safety of the redirect door."""

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import HttpMethod, Request, Response, get, route
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect
from litestar.status_codes import HTTP_303_SEE_OTHER
from litestar.types import Method
from litestar.types.internal_types import PathParameterDefinition

from application.login.aim_login import AimLogin
from application.login.await_login import AwaitLogin
from application.login.collect_token import CollectToken
from application.login.open_connect_ui import OpenConnectUi
from application.login.settle_connections import SettleConnections
from domain.connection import ConnectionId
from domain.errors import StartAgain
from domain.secret import Secret
from entrypoints.http.cookies import Cookies
from entrypoints.http.cross_site import refuse_cross_site_start
from entrypoints.http.login import only, settle_now
from entrypoints.http.problems import problems
from entrypoints.http.profile import UserResponse
from entrypoints.settings import Settings

LONGEST_WAIT_SECONDS: Final = 25


class NangoSessionResponse(msgspec.Struct, frozen=True, rename="camel"):
    """What `openConnectUI` needs; `tempUserId` is the sign-in's own id."""

    session_token: str
    temp_user_id: UUID
    connect_link: str
    expires_at: datetime
    connect_ui_url: str
    api_url: str


def operation_id(_: HTTPRouteHandler, method: Method, __: list[str | PathParameterDefinition]) -> str:
    """Name the operation, which has two methods: the seed used one, browsers should use the other."""
    return f"{str(method).lower()}NangoSession"


@route(
    "/nango-session",
    http_method=[HttpMethod.GET, HttpMethod.POST],
    operation_id=operation_id,
    status_code=HTTPStatus.OK,
    responses=problems(HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE),
    security=[{}],
    public=True,
    limit="login_starts",
)
async def open_nango_session(
    request: Request[Any, Any, Any],
    open_connect_ui: NamedDependency[OpenConnectUi],
    our_cookies: NamedDependency[Cookies],
    trusted_origins: NamedDependency[frozenset[str]],
    settings: NamedDependency[Settings],
) -> Response[NangoSessionResponse]:
    """Begin a sign-in through Connect UI, with this service as its `apiURL`."""
    refuse_cross_site_start(request.headers, trusted_origins)
    surplus = our_cookies.surplus(request.cookies)
    opened = await open_connect_ui()
    token = opened.session.token.text
    link = f"{settings.nango_connect_ui_url}?apiURL={settings.origin}&session_token={token}"
    body = NangoSessionResponse(
        session_token=token,
        temp_user_id=opened.attempt.id,
        # Where the callback is not ours, the pop-up has to go to Nango itself.
        connect_link=opened.session.connect_link if settings.is_bound_by_cookie else link,
        expires_at=opened.session.expires_at,
        connect_ui_url=settings.nango_connect_ui_url,
        api_url=settings.nango_host if settings.is_bound_by_cookie else settings.origin,
    )
    return Response(body, cookies=[*surplus, our_cookies.attempt(opened.attempt, opened.secret)])


@get(
    "/oauth/connect/{integration:str}",
    operation_id="aimLogin",
    status_code=HTTPStatus.SEE_OTHER,
    responses=problems(HTTPStatus.BAD_REQUEST, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE),
    security=[{}],
    public=True,
    page=True,
    popup=True,
    limit="callbacks",
)
async def get_oauth_connect(
    request: Request[Any, Any, Any],
    integration: FromPath[str],
    aim_login: NamedDependency[AimLogin],
    our_cookies: NamedDependency[Cookies],
    settings: NamedDependency[Settings],
) -> Redirect:
    """Send the pop-up of Connect UI to GitHub; only its session token and its socket are read of the query."""
    token = only(request, "connect_session_token")
    if token is None or integration != settings.nango_login_integration:
        raise StartAgain("this is not the pop-up of a sign-in")
    secrets = our_cookies.attempt_secrets(request.cookies)
    url = await aim_login(Secret(token), only(request, "ws_client_id"), secrets)
    return Redirect(url, status_code=HTTP_303_SEE_OTHER)


class StatusResponse(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """`token`, `expiresIn` (seconds) and `user` come with `ready`, once."""

    ready: bool
    token: str | None = None
    expires_in: int | None = None
    user: UserResponse | None = None


@get(
    "/nango/status/{connection_id:str}",
    operation_id="awaitLogin",
    responses=problems(HTTPStatus.BAD_REQUEST, HTTPStatus.SERVICE_UNAVAILABLE),
    security=[{}],
    public=True,
)
async def get_nango_status(
    request: Request[Any, Any, Any],
    connection_id: FromPath[str],
    await_login: NamedDependency[AwaitLogin],
    collect_token: NamedDependency[CollectToken],
    settle_connections: NamedDependency[SettleConnections],
    our_cookies: NamedDependency[Cookies],
    settings: NamedDependency[Settings],
    wait: Annotated[int, QueryParameter(ge=0, le=LONGEST_WAIT_SECONDS)] = 0,
) -> Response[StatusResponse]:
    """Tell the browser that began whether its sign-in is finished, waiting up to `wait` seconds for it."""
    secrets = our_cookies.attempt_secrets(request.cookies)
    attempt = await await_login(ConnectionId(connection_id), secrets, timedelta(seconds=wait))
    if attempt is None:
        return Response(StatusResponse(ready=False))
    try:
        collected = await collect_token(attempt, our_cookies.session_secret(request.cookies))
    except StartAgain:
        return Response(StatusResponse(ready=False))
    return Response(
        StatusResponse(
            ready=True,
            token=collected.token,
            expires_in=collected.expires_in_seconds,
            user=UserResponse.of(collected.user),
        ),
        cookies=[
            our_cookies.attempt_ended(attempt.id),
            our_cookies.session(collected.session_secret, settings.session_lifetime),
        ],
        background=BackgroundTask(settle_now, settle_connections, collected.user.id),
    )
