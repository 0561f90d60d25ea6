"""Asking for current data."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from application.replica.sync_now import SyncNow
from domain.session import Principal
from domain.sync import ReplicaKind
from entrypoints.http.numbers import repository_named
from entrypoints.http.problems import problems


class SyncResponse(msgspec.Struct, frozen=True):
    """What will be read: `asked` names the lists of the repository."""

    asked: Sequence[ReplicaKind]


@post(
    "/repos/{repository_id:str}/sync",
    operation_id="syncNow",
    status_code=HTTPStatus.ACCEPTED,
    responses=problems(
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.SERVICE_UNAVAILABLE,
    ),
)
async def post_sync(
    request: Request[Principal, str, Any], repository_id: FromPath[str], sync_now: NamedDependency[SyncNow]
) -> SyncResponse:
    """Have pull requests, commits and issues read now; once a minute for all repositories of an installation.

    The answer does not wait for them: the lists say how current they are.
    """
    return SyncResponse(asked=await sync_now(request.user.user_id, repository_named(repository_id)))
