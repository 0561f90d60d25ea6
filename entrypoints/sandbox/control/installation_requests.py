"""Requests of members that an owner installs the App."""

from datetime import datetime
from typing import Literal

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, JSONBody

from entrypoints.sandbox.control import installations
from entrypoints.sandbox.control.finding import doer_of, organization_of, person_of, selection_of
from entrypoints.sandbox.github.changes import installations as changes
from entrypoints.sandbox.github.model import InstallationRequest as StoredRequest
from entrypoints.sandbox.sandbox import Sandbox


class InstallationRequest(msgspec.Struct, frozen=True):
    id: int
    account: str
    requester: str
    requested_at: datetime


class NewRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    account: str
    requester: str


class Approval(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    repositories: Literal["all"] | list[int | str] = "all"
    by: str | None = None


def shown(sandbox: Sandbox, request: StoredRequest) -> InstallationRequest:
    return InstallationRequest(
        id=request.id,
        account=sandbox.world.accounts[request.account_id].login,
        requester=sandbox.world.accounts[request.requester_id].login,
        requested_at=request.requested_at,
    )


def request_of(sandbox: Sandbox, request_id: int) -> StoredRequest:
    request = sandbox.world.requests.get(request_id)
    if request is None:
        raise NotFoundException("no such request")
    return request


@get("/installation-requests")
async def list_requests(sandbox: NamedDependency[Sandbox]) -> list[InstallationRequest]:
    """Who waits for an owner's approval."""
    return [shown(sandbox, request) for request in sandbox.world.requests.values()]


@post("/installation-requests")
async def post_request(sandbox: NamedDependency[Sandbox], data: JSONBody[NewRequest]) -> InstallationRequest:
    """Let somebody ask for the App, as from GitHub's side."""
    account, requester = organization_of(sandbox, data.account), person_of(sandbox, data.requester)
    return shown(sandbox, changes.request_installation(sandbox, account, requester))


@post("/installation-requests/{request_id:int}/approve", status_code=200)
async def approve_request(
    sandbox: NamedDependency[Sandbox], request_id: FromPath[int], data: JSONBody[Approval]
) -> installations.Installation:
    """Install what was asked for; GitHub's webhook names who asked."""
    request = request_of(sandbox, request_id)
    account = sandbox.world.accounts[request.account_id]
    selection = selection_of(sandbox, account, data.repositories)
    installation = changes.approve(sandbox, request, selection, doer_of(sandbox, data.by))
    return installations.shown(sandbox, installation)


@post("/installation-requests/{request_id:int}/decline", status_code=204)
async def decline_request(sandbox: NamedDependency[Sandbox], request_id: FromPath[int]) -> None:
    """Refuse what was asked for, of which nobody is told."""
    changes.decline(sandbox, request_of(sandbox, request_id))
