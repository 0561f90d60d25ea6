"""Teams of organisations."""

import msgspec
from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from entrypoints.sandbox.control.finding import organization_of, person_of, repository_of, team_of
from entrypoints.sandbox.github.changes.organizations import (
    add_to_team,
    create_team,
    delete_team,
    remove_from_team,
    remove_team_repository,
    set_team_repository,
)
from entrypoints.sandbox.github.model import Permission
from entrypoints.sandbox.github.model import Team as StoredTeam
from entrypoints.sandbox.sandbox import Sandbox


class Team(msgspec.Struct, frozen=True):
    id: int
    slug: str
    name: str
    members: list[str]
    repositories: dict[int, Permission]


class NewTeam(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    members: list[str] = []
    repositories: dict[int, Permission] = {}


class Grant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    permission: Permission = "pull"


def shown(sandbox: Sandbox, team: StoredTeam) -> Team:
    members = [sandbox.world.accounts[person_id].login for person_id in sorted(team.members)]
    return Team(id=team.id, slug=team.slug, name=team.name, members=members, repositories={**team.repositories})


@get("/organizations/{login_or_id:str}/teams")
async def list_teams(sandbox: NamedDependency[Sandbox], login_or_id: FromPath[str]) -> list[Team]:
    """List the teams of an organisation."""
    organization = organization_of(sandbox, login_or_id)
    return [shown(sandbox, team) for team in sandbox.world.teams_of(organization.id)]


@post("/organizations/{login_or_id:str}/teams")
async def post_team(sandbox: NamedDependency[Sandbox], login_or_id: FromPath[str], data: JSONBody[NewTeam]) -> Team:
    """Add a team with its people, and its repositories by number; the slug comes from the name."""
    members = [person_of(sandbox, login) for login in data.members]
    granted: dict[int, Permission] = {
        repository_of(sandbox, one).id: data.repositories[one] for one in data.repositories
    }
    team = create_team(sandbox, organization_of(sandbox, login_or_id), data.name)
    for member in members:
        add_to_team(sandbox, team, member)
    for repository_id, permission in granted.items():
        set_team_repository(sandbox, team, repository_of(sandbox, repository_id), permission)
    return shown(sandbox, team)


@delete("/organizations/{login_or_id:str}/teams/{slug:str}", status_code=204)
async def remove_team(sandbox: NamedDependency[Sandbox], login_or_id: FromPath[str], slug: FromPath[str]) -> None:
    """Delete a team, and with it what it gave."""
    delete_team(sandbox, team_of(sandbox, organization_of(sandbox, login_or_id), slug))


@put("/organizations/{login_or_id:str}/teams/{slug:str}/members/{person:str}")
async def put_team_member(
    sandbox: NamedDependency[Sandbox], login_or_id: FromPath[str], slug: FromPath[str], person: FromPath[str]
) -> Team:
    """Put somebody into a team."""
    team = team_of(sandbox, organization_of(sandbox, login_or_id), slug)
    add_to_team(sandbox, team, person_of(sandbox, person))
    return shown(sandbox, team)


@delete("/organizations/{login_or_id:str}/teams/{slug:str}/members/{person:str}", status_code=204)
async def delete_team_member(
    sandbox: NamedDependency[Sandbox], login_or_id: FromPath[str], slug: FromPath[str], person: FromPath[str]
) -> None:
    """Take somebody out of a team."""
    team = team_of(sandbox, organization_of(sandbox, login_or_id), slug)
    remove_from_team(sandbox, team, person_of(sandbox, person))


@put("/organizations/{login_or_id:str}/teams/{slug:str}/repositories/{repository_id:int}")
async def put_team_repository(
    sandbox: NamedDependency[Sandbox],
    login_or_id: FromPath[str],
    slug: FromPath[str],
    repository_id: FromPath[int],
    data: JSONBody[Grant],
) -> Team:
    """Give a team a repository, or another permission on it."""
    team = team_of(sandbox, organization_of(sandbox, login_or_id), slug)
    set_team_repository(sandbox, team, repository_of(sandbox, repository_id), data.permission)
    return shown(sandbox, team)


@delete("/organizations/{login_or_id:str}/teams/{slug:str}/repositories/{repository_id:int}", status_code=204)
async def delete_team_repository(
    sandbox: NamedDependency[Sandbox],
    login_or_id: FromPath[str],
    slug: FromPath[str],
    repository_id: FromPath[int],
) -> None:
    """Take a repository from a team."""
    team = team_of(sandbox, organization_of(sandbox, login_or_id), slug)
    remove_team_repository(sandbox, team, repository_of(sandbox, repository_id))
