"""Organisations, who belongs to them, and their teams."""

import msgspec
from litestar import delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, UnsetType

from entrypoints.sandbox.control.finding import organization_of, person_of, refuse_taken
from entrypoints.sandbox.github.changes.accounts import rename_account
from entrypoints.sandbox.github.changes.organizations import remove_member, set_member
from entrypoints.sandbox.github.model import Account, BasePermission, Role
from entrypoints.sandbox.sandbox import Sandbox


class Organization(msgspec.Struct, frozen=True):
    id: int
    login: str
    base_permission: BasePermission
    members: dict[str, Role]
    teams: list[str]


class NewOrganization(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    login: str
    id: int | None = None
    name: str | None = None
    base_permission: BasePermission = "none"
    members: dict[str, Role] = {}


class OrganizationChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    login: str | UnsetType = UNSET
    base_permission: BasePermission | UnsetType = UNSET


class Membership(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    role: Role = "member"


def shown(sandbox: Sandbox, organization: Account) -> Organization:
    world = sandbox.world
    members = world.memberships.of_thing(organization.id)
    return Organization(
        id=organization.id,
        login=organization.login,
        base_permission=organization.base_permission,
        members={world.accounts[person_id].login: role for person_id, role in members.items()},
        teams=[team.slug for team in world.teams_of(organization.id)],
    )


@get("/organizations")
async def list_organizations(sandbox: NamedDependency[Sandbox]) -> list[Organization]:
    """All organisations with their members and teams."""
    return [shown(sandbox, organization) for organization in sandbox.world.organizations()]


@post("/organizations")
async def post_organization(sandbox: NamedDependency[Sandbox], data: JSONBody[NewOrganization]) -> Organization:
    """Add an organisation; `members` are roles (`admin` is an owner) by login name."""
    refuse_taken(sandbox, data.login, data.id)
    members: dict[int, Role] = {person_of(sandbox, login).id: role for login, role in data.members.items()}
    organization = sandbox.world.add_organization(data.login, sandbox.now(), name=data.name, number=data.id)
    organization.base_permission = data.base_permission
    for person_id, role in members.items():
        sandbox.world.memberships[organization.id, person_id] = role
    return shown(sandbox, organization)


@patch("/organizations/{login_or_id:str}")
async def patch_organization(
    sandbox: NamedDependency[Sandbox], login_or_id: FromPath[str], data: JSONBody[OrganizationChange]
) -> Organization:
    """Rename the organisation, or change what its members may do with all its private repositories."""
    organization = organization_of(sandbox, login_or_id)
    if data.login is not UNSET:
        refuse_taken(sandbox, data.login, but=organization)
        rename_account(sandbox, organization, data.login)
    if data.base_permission is not UNSET:
        organization.base_permission = data.base_permission
    return shown(sandbox, organization)


@put("/organizations/{login_or_id:str}/members/{person:str}")
async def put_member(
    sandbox: NamedDependency[Sandbox],
    login_or_id: FromPath[str],
    person: FromPath[str],
    data: JSONBody[Membership],
) -> Organization:
    """Take somebody in, or change their role."""
    organization = organization_of(sandbox, login_or_id)
    set_member(sandbox, organization, person_of(sandbox, person), data.role)
    return shown(sandbox, organization)


@delete("/organizations/{login_or_id:str}/members/{person:str}", status_code=204)
async def delete_member(sandbox: NamedDependency[Sandbox], login_or_id: FromPath[str], person: FromPath[str]) -> None:
    """Remove somebody, also from the organisation's teams and repositories."""
    remove_member(sandbox, organization_of(sandbox, login_or_id), person_of(sandbox, person))
