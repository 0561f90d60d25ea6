"""Where the GitHub App is installed, and what waits for an owner."""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from application.ports.installations import InstallationOfUser
from application.repositories.disconnect import Disconnect
from application.repositories.list_installations import ListInstallations
from application.repositories.settle_installations import SettleInstallations
from domain.approval import ApprovalRequest, ApprovalState
from domain.errors import UpstreamUnavailable
from domain.installation import AccountType, InstallationState, RepositorySelection
from domain.session import Principal
from entrypoints.http.numbers import installation_named
from entrypoints.http.problems import problems
from entrypoints.http.repositories import ProofResponse

DISCONNECT_PROBLEMS: Final = problems(
    HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.SERVICE_UNAVAILABLE
)


class InstallationResponse(msgspec.Struct, frozen=True, rename="camel"):
    """`repositories` counts those that GitHub confirmed for the person."""

    id: int
    account: str
    account_type: AccountType
    selection: RepositorySelection
    state: InstallationState
    repositories: int
    proof: ProofResponse

    @classmethod
    def of(cls, one: InstallationOfUser) -> "InstallationResponse":
        return cls(
            id=one.installation.id,
            account=one.installation.account,
            account_type=one.installation.account_type,
            selection=one.installation.selection,
            state=one.installation.state,
            repositories=one.repositories,
            proof=ProofResponse.of(one.proof),
        )


class ApprovalMoveResponse(msgspec.Struct, frozen=True):
    state: ApprovalState
    at: datetime
    reason: str


class ApprovalRequestResponse(msgspec.Struct, frozen=True, rename="camel"):
    """`account` is null until an event names it; `connectionId` is the one to ask the status of."""

    id: UUID
    connection_id: str
    state: ApprovalState
    requested_at: datetime
    account: str | None
    installation_id: int | None
    history: Sequence[ApprovalMoveResponse]

    @classmethod
    def of(cls, request: ApprovalRequest) -> "ApprovalRequestResponse":
        return cls(
            id=request.id,
            connection_id=request.connection_id,
            state=request.state,
            requested_at=request.requested_at,
            account=request.account,
            installation_id=request.installation_id,
            history=[ApprovalMoveResponse(state=one.state, at=one.at, reason=one.reason) for one in request.history],
        )


class InstallationsResponse(msgspec.Struct, frozen=True):
    """`requests` are what the person asked owners for, newest first."""

    installations: Sequence[InstallationResponse]
    requests: Sequence[ApprovalRequestResponse]


@get(
    "/installations",
    operation_id="listInstallations",
    responses=problems(HTTPStatus.UNAUTHORIZED, HTTPStatus.SERVICE_UNAVAILABLE),
)
async def get_installations(
    request: Request[Principal, str, Any], list_installations: NamedDependency[ListInstallations]
) -> InstallationsResponse:
    """List the installations that GitHub confirmed for the person, and what waits for an owner."""
    listed = await list_installations(request.user.user_id)
    return InstallationsResponse(
        installations=[InstallationResponse.of(one) for one in listed.installations],
        requests=[ApprovalRequestResponse.of(one) for one in listed.requests],
    )


@delete(
    "/installations/{installation_id:str}",
    operation_id="disconnect",
    status_code=HTTPStatus.NO_CONTENT,
    responses=DISCONNECT_PROBLEMS,
)
async def delete_installation(
    request: Request[Principal, str, Any],
    installation_id: FromPath[str],
    disconnect: NamedDependency[Disconnect],
    settle_installations: NamedDependency[SettleInstallations],
    *,
    everyone: Annotated[
        bool, QueryParameter(description="For everybody: only owners may, as GitHub says now.")
    ] = False,
) -> Response[None]:
    """Forget what the person may see of an installation; the App stays installed on GitHub."""
    named = installation_named(installation_id)
    if everyone:
        await disconnect.for_everybody(request.user.user_id, named)
    else:
        await disconnect.for_oneself(request.user.user_id, named)
    return Response(
        None,
        status_code=HTTPStatus.NO_CONTENT,
        # Nobody need wait while Nango is told; what fails here is done by the worker.
        background=BackgroundTask(settle_now, settle_installations),
    )


async def settle_now(settle_installations: SettleInstallations) -> None:
    try:
        await settle_installations()
    except UpstreamUnavailable:
        return
