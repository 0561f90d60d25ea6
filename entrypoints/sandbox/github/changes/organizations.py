"""Members and teams of organisations."""

import re

from entrypoints.sandbox.github.hooks import account_in_hook, announce, doer, repository_in_hook
from entrypoints.sandbox.github.model import Account, Permission, Repository, Role, Team
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.wire import JsonObject


def set_member(sandbox: Sandbox, organization: Account, person: Account, role: Role, by: Account | None = None) -> None:
    """Take somebody in, or change their role, of which GitHub tells nothing."""
    key = (organization.id, person.id)
    is_new = key not in sandbox.world.memberships
    sandbox.world.memberships[key] = role
    if is_new:
        _announce_organization(sandbox, organization, "member_added", _membership(sandbox, person, role), by)


def remove_member(sandbox: Sandbox, organization: Account, person: Account, by: Account | None = None) -> None:
    """Remove somebody, also from the organisation's teams and repositories."""
    world = sandbox.world
    role = world.memberships.pop((organization.id, person.id), None)
    if role is None:
        return
    for team in world.teams_of(organization.id):
        remove_from_team(sandbox, team, person, by)
    for repository in world.owned_by(organization.id):
        world.collaborations.pop((repository.id, person.id), None)
    _announce_organization(sandbox, organization, "member_removed", _membership(sandbox, person, role), by)


def create_team(sandbox: Sandbox, organization: Account, name: str) -> Team:
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    team = Team(id=sandbox.world.number(), organization_id=organization.id, slug=slug, name=name)
    sandbox.world.teams[team.id] = team
    return team


def delete_team(sandbox: Sandbox, team: Team, by: Account | None = None) -> None:
    del sandbox.world.teams[team.id]
    _announce_team(sandbox, team, "deleted", None, by)


def add_to_team(sandbox: Sandbox, team: Team, person: Account, by: Account | None = None) -> None:
    """Put a member of the organisation into a team."""
    if person.id not in team.members:
        team.members.add(person.id)
        _announce_membership(sandbox, team, person, "added", by)


def remove_from_team(sandbox: Sandbox, team: Team, person: Account, by: Account | None = None) -> None:
    if person.id in team.members:
        team.members.remove(person.id)
        _announce_membership(sandbox, team, person, "removed", by)


def set_team_repository(
    sandbox: Sandbox, team: Team, repository: Repository, permission: Permission, by: Account | None = None
) -> None:
    """Give a team a repository, or another permission on it."""
    is_new = repository.id not in team.repositories
    team.repositories[repository.id] = permission
    _announce_team(sandbox, team, "added_to_repository" if is_new else "edited", repository, by)


def remove_team_repository(sandbox: Sandbox, team: Team, repository: Repository, by: Account | None = None) -> None:
    if team.repositories.pop(repository.id, None) is not None:
        _announce_team(sandbox, team, "removed_from_repository", repository, by)


def _announce_organization(
    sandbox: Sandbox, organization: Account, action: str, membership: JsonObject, by: Account | None
) -> None:
    who = doer(sandbox, organization, by)
    installation = sandbox.world.installation_on(organization.id)
    announce(sandbox, installation, "organization", who, {"action": action, "membership": membership})


def _membership(sandbox: Sandbox, person: Account, role: Role) -> JsonObject:
    return {"state": "active", "role": role, "user": account_in_hook(sandbox, person)}


def _announce_membership(sandbox: Sandbox, team: Team, person: Account, action: str, by: Account | None) -> None:
    body: JsonObject = {
        "action": action,
        "scope": "team",
        "member": account_in_hook(sandbox, person),
        "team": team_document(team),
    }
    who = doer(sandbox, sandbox.world.accounts[team.organization_id], by)
    announce(sandbox, sandbox.world.installation_on(team.organization_id), "membership", who, body)


def _announce_team(
    sandbox: Sandbox, team: Team, action: str, repository: Repository | None, by: Account | None
) -> None:
    body: JsonObject = {"action": action, "team": team_document(team)}
    if repository is not None:
        body["repository"] = repository_in_hook(sandbox, repository)
    who = doer(sandbox, sandbox.world.accounts[team.organization_id], by)
    announce(sandbox, sandbox.world.installation_on(team.organization_id), "team", who, body)


def team_document(team: Team) -> JsonObject:
    return {
        "id": team.id,
        "node_id": f"T_{team.id}",
        "name": team.name,
        "slug": team.slug,
        "description": None,
        "privacy": "closed",
        "permission": "pull",
        "url": f"https://api.github.com/organizations/{team.organization_id}/team/{team.id}",
        "parent": None,
    }
