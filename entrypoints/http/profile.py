"""Who is signed in, and signing out."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency

from application.sessions.end_session import EndSession
from application.sessions.show_profile import ShowProfile
from domain.session import Principal
from domain.user import User
from entrypoints.http.cookies import Cookies
from entrypoints.http.problems import problems


class UserResponse(msgspec.Struct, frozen=True, rename="camel"):
    """`githubId` identifies the person; `login` may change, `email` is null without a public one."""

    id: UUID
    github_id: int
    login: str
    name: str | None
    email: str | None
    avatar_url: str | None

    @classmethod
    def of(cls, user: User) -> "UserResponse":
        account = user.account
        return cls(
            id=user.id,
            github_id=account.id,
            login=account.login,
            name=account.name,
            email=account.email,
            avatar_url=account.avatar_url,
        )


@get("/me", operation_id="showProfile", responses=problems(HTTPStatus.UNAUTHORIZED, HTTPStatus.SERVICE_UNAVAILABLE))
async def get_me(request: Request[Principal, str, Any], show_profile: NamedDependency[ShowProfile]) -> UserResponse:
    """Tell who is signed in."""
    return UserResponse.of(await show_profile(request.user.user_id))


@post(
    "/logout",
    operation_id="endSession",
    status_code=HTTPStatus.NO_CONTENT,
    responses=problems(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.SERVICE_UNAVAILABLE),
)
async def post_logout(
    request: Request[Principal, str, Any],
    end_session: NamedDependency[EndSession],
    our_cookies: NamedDependency[Cookies],
) -> Response[None]:
    """Sign out: the session's cookie and its access tokens stop working at once."""
    await end_session(request.user)
    return Response(None, status_code=HTTPStatus.NO_CONTENT, cookies=[our_cookies.session_ended()])
