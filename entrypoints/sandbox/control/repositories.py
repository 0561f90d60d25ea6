"""Repositories, and who may do what with them."""

from typing import Annotated

import msgspec
from litestar import delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import UNSET, Meta, UnsetType

from entrypoints.sandbox.control.finding import account_of, doer_of, person_of, repository_of
from entrypoints.sandbox.github.changes import repositories as changes
from entrypoints.sandbox.github.model import Account, Permission, Visibility
from entrypoints.sandbox.github.model import Repository as StoredRepository
from entrypoints.sandbox.sandbox import Sandbox


class Repository(msgspec.Struct, frozen=True):
    id: int
    full_name: str
    visibility: Visibility
    archived: bool
    default_branch: str
    collaborators: dict[str, Permission]


class NewRepositories(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    owner: str
    name: str
    id: int | None = None
    visibility: Visibility = "private"
    count: Annotated[int, Meta(ge=1, le=100_000)] = 1
    collaborators: dict[str, Permission] = {}


class RepositoryChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str | UnsetType = UNSET
    visibility: Visibility | UnsetType = UNSET
    archived: bool | UnsetType = UNSET
    default_branch: str | UnsetType = UNSET
    by: str | None = None


class Transfer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    owner: str
    by: str | None = None


class Grant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    permission: Permission = "pull"
    by: str | None = None


class Created(msgspec.Struct, frozen=True):
    ids: list[int]


def shown(sandbox: Sandbox, repository: StoredRepository) -> Repository:
    world = sandbox.world
    collaborators = world.collaborations.of_thing(repository.id)
    return Repository(
        id=repository.id,
        full_name=f"{world.owner_of(repository).login}/{repository.name}",
        visibility=repository.visibility,
        archived=repository.archived,
        default_branch=repository.default_branch,
        collaborators={world.accounts[person_id].login: one for person_id, one in collaborators.items()},
    )


def refuse_taken_name(sandbox: Sandbox, owner: Account, names: list[str]) -> None:
    taken = {repository.name.casefold() for repository in sandbox.world.owned_by(owner.id)}
    if any(name.casefold() in taken for name in names):
        raise HTTPException(f"{owner.login} has a repository of that name", status_code=409)


@get("/repositories")
async def list_repositories(sandbox: NamedDependency[Sandbox], owner: FromQuery[str | None] = None) -> list[Repository]:
    """All repositories, or those of one owner."""
    world = sandbox.world
    mine = world.repositories.values() if owner is None else world.owned_by(account_of(sandbox, owner).id)
    return [shown(sandbox, repository) for repository in mine]


@get("/repositories/{repository_id:int}")
async def get_repository(sandbox: NamedDependency[Sandbox], repository_id: FromPath[int]) -> Repository:
    """Show one repository."""
    return shown(sandbox, repository_of(sandbox, repository_id))


@post("/repositories")
async def post_repositories(sandbox: NamedDependency[Sandbox], data: JSONBody[NewRepositories]) -> Created:
    """Add a repository, or `count` of them, named `<name>-1` and so on, with consecutive ids from `id` on.

    `collaborators` are permissions by login name; no webhook tells of these.
    """
    owner = account_of(sandbox, data.owner)
    names = [data.name] if data.count == 1 else [f"{data.name}-{number}" for number in range(1, data.count + 1)]
    refuse_taken_name(sandbox, owner, names)
    if data.id is not None and any(data.id + place in sandbox.world.repositories for place in range(data.count)):
        raise HTTPException("the id is taken", status_code=409)
    people: dict[int, Permission] = {
        person_of(sandbox, login).id: permission for login, permission in data.collaborators.items()
    }
    created = changes.create_repositories(sandbox, owner, names, data.visibility, data.id)
    for repository in created:
        for person_id, permission in people.items():
            sandbox.world.collaborations[repository.id, person_id] = permission
    return Created(ids=[repository.id for repository in created])


@patch("/repositories/{repository_id:int}")
async def patch_repository(
    sandbox: NamedDependency[Sandbox], repository_id: FromPath[int], data: JSONBody[RepositoryChange]
) -> Repository:
    """Rename, show or hide, archive or unarchive it, or change its default branch."""
    repository, by = repository_of(sandbox, repository_id), doer_of(sandbox, data.by)
    if data.name is not UNSET and data.name != repository.name:
        refuse_taken_name(sandbox, sandbox.world.owner_of(repository), [data.name])
        changes.rename_repository(sandbox, repository, data.name, by)
    if data.visibility is not UNSET:
        changes.change_visibility(sandbox, repository, data.visibility, by)
    if data.archived is not UNSET:
        changes.archive_repository(sandbox, repository, archived=data.archived, by=by)
    if data.default_branch is not UNSET:
        changes.change_default_branch(sandbox, repository, data.default_branch, by)
    return shown(sandbox, repository)


@post("/repositories/{repository_id:int}/transfer", status_code=200)
async def transfer_repository(
    sandbox: NamedDependency[Sandbox], repository_id: FromPath[int], data: JSONBody[Transfer]
) -> Repository:
    """Give it to another account; an installation there covers it only if that has everything."""
    repository, owner = repository_of(sandbox, repository_id), account_of(sandbox, data.owner)
    refuse_taken_name(sandbox, owner, [repository.name])
    changes.transfer_repository(sandbox, repository, owner, doer_of(sandbox, data.by))
    return shown(sandbox, repository)


@delete("/repositories/{repository_id:int}", status_code=204)
async def delete_repository(sandbox: NamedDependency[Sandbox], repository_id: FromPath[int]) -> None:
    """Delete it."""
    changes.delete_repository(sandbox, repository_of(sandbox, repository_id))


@put("/repositories/{repository_id:int}/collaborators/{person:str}")
async def put_collaborator(
    sandbox: NamedDependency[Sandbox],
    repository_id: FromPath[int],
    person: FromPath[str],
    data: JSONBody[Grant],
) -> Repository:
    """Invite somebody, who accepts at once, or change what they may do."""
    repository = repository_of(sandbox, repository_id)
    by = doer_of(sandbox, data.by)
    changes.set_collaborator(sandbox, repository, person_of(sandbox, person), data.permission, by)
    return shown(sandbox, repository)


@delete("/repositories/{repository_id:int}/collaborators/{person:str}", status_code=204)
async def delete_collaborator(
    sandbox: NamedDependency[Sandbox], repository_id: FromPath[int], person: FromPath[str]
) -> None:
    """Take from somebody what they were given as a collaborator."""
    changes.remove_collaborator(sandbox, repository_of(sandbox, repository_id), person_of(sandbox, person))
