"""Installations of the App, and requests for them."""

from datetime import datetime
from typing import Literal

import msgspec
from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import FromPath, FromQuery, JSONBody

from entrypoints.sandbox.control.finding import account_of, doer_of, installation_of, selection_of
from entrypoints.sandbox.github.changes import installations as changes
from entrypoints.sandbox.github.model import Installation as StoredInstallation
from entrypoints.sandbox.sandbox import Sandbox


class Installation(msgspec.Struct, frozen=True):
    id: int
    account: str
    repository_selection: Literal["all", "selected"]
    repositories: list[int]
    permissions: dict[str, str]
    suspended_at: datetime | None


class NewInstallation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    account: str
    repositories: Literal["all"] | list[int | str] = "all"
    id: int | None = None
    permissions: dict[str, str] | None = None
    by: str | None = None


class Doing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    by: str | None = None


class Selecting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    repositories: Literal["all"] | list[int | str]
    by: str | None = None


class Permitting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    permissions: dict[str, str]
    by: str | None = None


def shown(sandbox: Sandbox, installation: StoredInstallation) -> Installation:
    world = sandbox.world
    return Installation(
        id=installation.id,
        account=world.accounts[installation.account_id].login,
        repository_selection=installation.repository_selection,
        repositories=[repository.id for repository in world.covered(installation)],
        permissions=installation.permissions,
        suspended_at=installation.suspended_at,
    )


@get("/installations")
async def list_installations(sandbox: NamedDependency[Sandbox]) -> list[Installation]:
    """All installations with what they cover."""
    return [shown(sandbox, installation) for installation in sandbox.world.installations.values()]


@post("/installations")
async def post_installation(sandbox: NamedDependency[Sandbox], data: JSONBody[NewInstallation]) -> Installation:
    """Install the App, as from GitHub's side: on everything, or on repositories by number or name."""
    account = account_of(sandbox, data.account)
    if sandbox.world.installation_on(account.id) or (data.id is not None and data.id in sandbox.world.installations):
        raise HTTPException("the App is installed there, or the id is taken", status_code=409)
    installation = changes.install(
        sandbox,
        account,
        selection_of(sandbox, account, data.repositories),
        by=doer_of(sandbox, data.by),
        number=data.id,
        permissions=data.permissions,
    )
    return shown(sandbox, installation)


@delete("/installations/{installation_id:int}", status_code=204)
async def delete_installation(
    sandbox: NamedDependency[Sandbox], installation_id: FromPath[int], by: FromQuery[str | None] = None
) -> None:
    """Uninstall the App."""
    changes.uninstall(sandbox, installation_of(sandbox, installation_id), doer_of(sandbox, by))


@post("/installations/{installation_id:int}/suspend", status_code=200)
async def suspend_installation(
    sandbox: NamedDependency[Sandbox], installation_id: FromPath[int], data: JSONBody[Doing]
) -> Installation:
    """Suspend it: its tokens are refused until it is unsuspended, and only `installation` events are sent."""
    installation = installation_of(sandbox, installation_id)
    changes.suspend(sandbox, installation, doer_of(sandbox, data.by))
    return shown(sandbox, installation)


@post("/installations/{installation_id:int}/unsuspend", status_code=200)
async def unsuspend_installation(
    sandbox: NamedDependency[Sandbox], installation_id: FromPath[int], data: JSONBody[Doing]
) -> Installation:
    """Let it work again."""
    installation = installation_of(sandbox, installation_id)
    changes.unsuspend(sandbox, installation, doer_of(sandbox, data.by))
    return shown(sandbox, installation)


@put("/installations/{installation_id:int}/repositories")
async def put_repositories(
    sandbox: NamedDependency[Sandbox], installation_id: FromPath[int], data: JSONBody[Selecting]
) -> Installation:
    """Say what it covers from now on."""
    installation = installation_of(sandbox, installation_id)
    account = sandbox.world.accounts[installation.account_id]
    selection = selection_of(sandbox, account, data.repositories)
    changes.select_repositories(sandbox, installation, selection, by=doer_of(sandbox, data.by))
    return shown(sandbox, installation)


@put("/installations/{installation_id:int}/permissions")
async def put_permissions(
    sandbox: NamedDependency[Sandbox], installation_id: FromPath[int], data: JSONBody[Permitting]
) -> Installation:
    """Accept what the App asks for now: all its permissions there, `read` or `write` by name."""
    installation = installation_of(sandbox, installation_id)
    changes.accept_permissions(sandbox, installation, data.permissions, doer_of(sandbox, data.by))
    return shown(sandbox, installation)
