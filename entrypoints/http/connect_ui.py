"""The Connect UI door: the seed's contract, with the safety of the redirect door."""

from dataclasses import dataclass
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
from application.login.open_connect_ui import ConnectUiOpened, OpenConnectUi
from application.login.settle_connections import SettleConnections
from domain.attempt import Purpose
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectUiDoor:
    """What these routes need; one dependency, as Litestar resolves several in tasks of their own."""

    open_connect_ui: OpenConnectUi
    aim_login: AimLogin
    await_login: AwaitLogin
    collect_token: CollectToken
    settle_connections: SettleConnections
    cookies: Cookies
    trusted_origins: frozenset[str]
    settings: Settings


class SessionResponse(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What `openConnectUI` needs."""

    session_token: str
    connect_link: str
    expires_at: datetime
    connect_ui_url: str
    api_url: str


class NangoSessionResponse(SessionResponse, frozen=True, kw_only=True, rename="camel"):
    """What `openConnectUI` needs; `tempUserId` is the sign-in's own id."""

    temp_user_id: UUID


def session_response(opened: ConnectUiOpened, settings: Settings) -> SessionResponse:
    token = opened.session.token.text
    link = f"{settings.nango_connect_ui_url}?apiURL={settings.origin}&session_token={token}"
    return SessionResponse(
        session_token=token,
        # Where the callback is not ours, the pop-up has to go to Nango itself.
        connect_link=opened.session.connect_link if settings.is_bound_by_cookie else link,
        expires_at=opened.session.expires_at,
        connect_ui_url=settings.nango_connect_ui_url,
        api_url=settings.nango_origin if settings.is_bound_by_cookie else settings.origin,
    )


def operation_id(_: HTTPRouteHandler, method: Method, __: list[str | PathParameterDefinition]) -> str:
    """Name the operation, which has two methods: the seed used one, browsers should use the other."""
    return f"{str(method).lower()}NangoSession"


def integrations(settings: Settings) -> dict[Purpose, str]:
    """Name the integration of each purpose."""
    return {Purpose.LOGIN: settings.nango_login_integration, Purpose.LINK: settings.nango_repository_integration}


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
    connect_ui_door: NamedDependency[ConnectUiDoor],
) -> Response[NangoSessionResponse]:
    """Begin a sign-in through Connect UI, with this service as its `apiURL`."""
    refuse_cross_site_start(request.headers, connect_ui_door.trusted_origins)
    cookies = connect_ui_door.cookies
    surplus = cookies.surplus(request.cookies)
    opened = await connect_ui_door.open_connect_ui()
    body = NangoSessionResponse(
        temp_user_id=opened.attempt.id, **msgspec.structs.asdict(session_response(opened, connect_ui_door.settings))
    )
    return Response(body, cookies=[*surplus, cookies.attempt(opened.attempt, opened.secret)])


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
    connect_ui_door: NamedDependency[ConnectUiDoor],
) -> Redirect:
    """Send the pop-up of Connect UI to GitHub; only its session token and its socket are read of the query."""
    token = only(request, "connect_session_token")
    purpose = next((one for one, key in integrations(connect_ui_door.settings).items() if key == integration), None)
    if token is None or purpose is None:
        raise StartAgain("this is not the pop-up of a sign-in")
    secrets = connect_ui_door.cookies.attempt_secrets(request.cookies)
    url = await connect_ui_door.aim_login(purpose, Secret(token), socket_named(request), secrets)
    return Redirect(url, status_code=HTTP_303_SEE_OTHER)


def socket_named(request: Request[Any, Any, Any]) -> str | None:
    """Read which socket waits for the outcome: one of ours has a UUID for its name."""
    name = only(request, "ws_client_id")
    try:
        return str(UUID(name)) if name else None
    except ValueError:
        raise StartAgain("ws_client_id is no name of a socket") from None


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
    connect_ui_door: NamedDependency[ConnectUiDoor],
    wait: Annotated[int, QueryParameter(ge=0, le=LONGEST_WAIT_SECONDS)] = 0,
) -> Response[StatusResponse]:
    """Tell the browser that began whether its sign-in is finished, waiting up to `wait` seconds for it."""
    cookies = connect_ui_door.cookies
    secrets = cookies.attempt_secrets(request.cookies)
    attempt = await connect_ui_door.await_login(ConnectionId(connection_id), secrets, timedelta(seconds=wait))
    if attempt is None:
        return Response(StatusResponse(ready=False))
    try:
        collected = await connect_ui_door.collect_token(attempt, cookies.session_secret(request.cookies))
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
            cookies.attempt_ended(attempt.id),
            cookies.session(collected.session_secret, connect_ui_door.settings.session_lifetime),
        ],
        background=BackgroundTask(settle_now, connect_ui_door.settle_connections, collected.user.id),
    )
