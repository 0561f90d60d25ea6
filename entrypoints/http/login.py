"""The redirect door: no script, no pop-up."""

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Any, Final
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter
from litestar.response import Redirect, Template
from litestar.status_codes import HTTP_303_SEE_OTHER

from application.login.collect_login import CollectLogin
from application.login.pass_callback import PassCallback
from application.login.settle_connections import SettleConnections
from application.login.start_login import StartLogin
from application.repositories.want_renewal import WantRenewal
from application.sessions.authenticate import Authenticate
from application.sessions.exchange_code import ExchangeCode
from domain.attempt import Attempt, Door, ProviderAnswer
from domain.errors import InvalidReturnTo, StartAgain, Unauthenticated, UpstreamUnavailable
from domain.installation import claimed
from domain.secret import Secret
from domain.user import UserId
from entrypoints.http.cookies import Cookies
from entrypoints.http.cross_site import refuse_cross_site_start
from entrypoints.http.problems import problems
from entrypoints.http.profile import UserResponse

LONGEST_PARAMETER: Final = 1024
SETUP_ACTIONS: Final = {None, "install", "update", "request"}
DOOR_PROBLEMS: Final = problems(
    HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedirectDoor:
    """What these routes need; one dependency, as Litestar resolves several in tasks of their own."""

    start_login: StartLogin
    pass_callback: PassCallback
    collect_login: CollectLogin
    settle_connections: SettleConnections
    authenticate: Authenticate
    want_renewal: WantRenewal
    cookies: Cookies
    trusted_origins: frozenset[str]
    session_lifetime: timedelta


@get(
    "/login",
    operation_id="startLogin",
    status_code=HTTPStatus.SEE_OTHER,
    responses=DOOR_PROBLEMS,
    security=[{}],
    public=True,
    page=True,
    limit="login_starts",
)
async def get_login(
    request: Request[Any, Any, Any],
    redirect_door: NamedDependency[RedirectDoor],
    return_to: Annotated[str | None, QueryParameter()] = None,
    code_challenge: Annotated[str | None, QueryParameter()] = None,
    code_challenge_method: Annotated[str | None, QueryParameter()] = None,
) -> Redirect:
    """Send the browser to GitHub.

    `return_to` is a path of this service, or a URL on one of the `ALLOWED_ORIGINS`; the latter needs a PKCE
    `code_challenge` (S256) and gets a one-time `code` in its query, for `POST /auth/token`.
    """
    refuse_cross_site_start(request.headers, redirect_door.trusted_origins)
    if code_challenge_method not in {None, "S256"}:
        raise InvalidReturnTo("code_challenge_method must be S256")
    surplus = redirect_door.cookies.surplus(request.cookies)
    started = await redirect_door.start_login(return_to, code_challenge)
    return Redirect(
        started.url,
        status_code=HTTP_303_SEE_OTHER,
        cookies=[*surplus, redirect_door.cookies.attempt(started.attempt, started.secret)],
    )


@get(
    "/oauth/callback",
    operation_id="passCallback",
    status_code=HTTPStatus.SEE_OTHER,
    responses=DOOR_PROBLEMS,
    security=[{}],
    public=True,
    page=True,
    popup=True,
    limit="callbacks",
)
async def get_callback(
    request: Request[Any, Any, Any],
    redirect_door: NamedDependency[RedirectDoor],
) -> Redirect | Template:
    """Take a browser back from GitHub, and sign it in, or connect its repositories, if it is the one that began."""
    answer, state = answer_in(request), only(request, "state")
    cookies = redirect_door.cookies
    user_id = await signed_in(request, redirect_door)
    if state is None:
        if not begun_at_github(request):
            raise StartAgain("GitHub sent no state: sign-ins begin on our own page")
        if user_id is not None:
            await redirect_door.want_renewal(user_id)
        return Template("begun_at_github.html")
    secrets = cookies.attempt_secrets(request.cookies)
    attempt = await redirect_door.pass_callback(Secret(state), answer, secrets, user_id)
    if attempt.door is Door.CONNECT_UI:
        # The pop-up has done its part; what it is worth is collected by the page that opened it.
        return Template("connected.html", context={"attempt": attempt})
    if attempt.is_link:
        return Redirect(
            return_url(attempt), status_code=HTTP_303_SEE_OTHER, cookies=[cookies.attempt_ended(attempt.id)]
        )
    collected = await redirect_door.collect_login(attempt, cookies.session_secret(request.cookies))

    set_cookies: list[Cookie] = [cookies.attempt_ended(attempt.id)]
    if collected.session_secret is not None:
        set_cookies.append(cookies.session(collected.session_secret, redirect_door.session_lifetime))
    return Redirect(
        collected.return_url,
        status_code=HTTP_303_SEE_OTHER,
        cookies=set_cookies,
        # The browser need not wait while Nango is told; what fails here is done by the worker.
        background=BackgroundTask(settle_now, redirect_door.settle_connections, collected.user_id),
    )


class TokenRequest(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    code: Annotated[str, msgspec.Meta(max_length=200)]
    code_verifier: Annotated[str, msgspec.Meta(min_length=43, max_length=128)]


class TokenResponse(msgspec.Struct, frozen=True, rename="camel"):
    token: str
    expires_in: int
    user: UserResponse


@post(
    "/token",
    operation_id="exchangeCode",
    status_code=HTTPStatus.OK,
    responses=problems(HTTPStatus.BAD_REQUEST, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE),
    security=[{}],
    public=True,
    limit="callbacks",
)
async def post_token(
    data: JSONBody[TokenRequest], exchange_code: NamedDependency[ExchangeCode]
) -> Response[TokenResponse]:
    """Trade the one-time code of `return_to` for an access token; `expiresIn` is in seconds."""
    exchanged = await exchange_code(Secret(data.code), data.code_verifier)
    return Response(
        TokenResponse(
            token=exchanged.token,
            expires_in=exchanged.expires_in_seconds,
            user=UserResponse.of(exchanged.user),
        )
    )


def answer_in(request: Request[Any, Any, Any]) -> ProviderAnswer:
    """Read GitHub's answer; raises `StartAgain` for anything that GitHub does not send."""
    installation, action = only(request, "installation_id"), only(request, "setup_action")
    if installation is not None and claimed(installation) is None:
        raise StartAgain("installation_id is no number of an installation")
    if action not in SETUP_ACTIONS:
        raise StartAgain("setup_action is none that GitHub has")
    return ProviderAnswer(
        code=only(request, "code"),
        error=only(request, "error"),
        error_description=only(request, "error_description"),
        claim=claimed(installation),
        is_request=action == "request",
    )


def begun_at_github(request: Request[Any, Any, Any]) -> bool:
    """Tell whether somebody installed or changed the App on GitHub's own pages."""
    return only(request, "installation_id") is not None or only(request, "setup_action") is not None


async def signed_in(request: Request[Any, Any, Any], door: RedirectDoor) -> UserId | None:
    """Tell who is signed in in this browser, if anybody is."""
    secret = door.cookies.session_secret(request.cookies)
    if secret is None:
        return None
    try:
        return (await door.authenticate.by_cookie(secret)).user_id
    except Unauthenticated:
        return None


def return_url(attempt: Attempt) -> str:
    """Where a person goes on who connected repositories; with the connection, whose status tells what came of it."""
    url, mark, fragment = attempt.return_to.url.partition("#")
    query = urlencode({"connection_id": attempt.connection_id or ""})
    return f"{url}{'&' if '?' in url else '?'}{query}{mark}{fragment}"


def only(request: Request[Any, Any, Any], name: str) -> str | None:
    """Read a parameter that may be given once; twice is a trick, as two readers may then read two values."""
    values: list[str] = request.query_params.getall(name, [])
    if len(values) > 1:
        raise StartAgain(f"{name} came twice")
    if values and len(values[0]) > LONGEST_PARAMETER:
        raise StartAgain(f"{name} is longer than anything that GitHub sends")
    return values[0] if values else None


async def settle_now(settle_connections: SettleConnections, user_id: UserId) -> None:
    try:
        await settle_connections(user_id)
    except UpstreamUnavailable:
        return
