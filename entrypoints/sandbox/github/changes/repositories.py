"""Repositories come, change, and go."""

from entrypoints.sandbox.github.changes.installations import announce_coverage
from entrypoints.sandbox.github.hooks import account_in_hook, announce, announce_repository, doer, repository_in_hook
from entrypoints.sandbox.github.model import Account, Permission, Repository, Visibility
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.wire import JsonObject


def create_repositories(
    sandbox: Sandbox, owner: Account, names: list[str], visibility: Visibility, first_id: int | None = None
) -> list[Repository]:
    """Make several at once; an installation of everything covers them, and is told of all together."""
    world = sandbox.world
    number = first_id if first_id is not None else max(world.repositories, default=0) + 1
    created = [Repository(id=number + place, owner_id=owner.id, name=name) for place, name in enumerate(names)]
    for repository in created:
        repository.visibility = visibility
        world.repositories[repository.id] = repository
    installation = world.installation_on(owner.id)
    if installation is not None and installation.repository_selection == "all" and installation.suspended_at is None:
        who = doer(sandbox, owner)
        if len(created) == 1:
            announce_repository(sandbox, created[0], "created", who)
        announce_coverage(sandbox, installation, "added", created, by=who)
    return created


def delete_repository(sandbox: Sandbox, repository: Repository, by: Account | None = None) -> None:
    world = sandbox.world
    who = doer(sandbox, world.owner_of(repository), by)
    installation = world.installation_covering(repository)
    announce_repository(sandbox, repository, "deleted", who)
    if installation is not None:
        installation.repository_ids.discard(repository.id)
        if installation.suspended_at is None:
            announce_coverage(sandbox, installation, "removed", [repository], by=who)
    for person_id in [*world.collaborations.of_thing(repository.id)]:
        del world.collaborations[repository.id, person_id]
    for team in world.teams.values():
        team.repositories.pop(repository.id, None)
    del world.repositories[repository.id]


def rename_repository(sandbox: Sandbox, repository: Repository, name: str, by: Account | None = None) -> None:
    """Give it another name; the former one leads to it until another repository gets that."""
    sandbox.world.note_move(repository)
    former, repository.name = repository.name, name
    who = doer(sandbox, sandbox.world.owner_of(repository), by)
    announce_repository(sandbox, repository, "renamed", who, {"repository": {"name": {"from": former}}})


def transfer_repository(sandbox: Sandbox, repository: Repository, owner: Account, by: Account | None = None) -> None:
    """Give it to another account: the former owner's installation loses it, teams and members of the former one too.

    Whom GitHub tells of it is a guess: the new owner's installation if that has everything, else the former one.
    """
    world = sandbox.world
    former = world.owner_of(repository)
    who = doer(sandbox, former, by)
    losing = world.installation_covering(repository)
    world.note_move(repository)
    world.repositories.give(repository, owner.id)
    repository.internal = repository.internal and owner.type == "Organization"
    for team in world.teams_of(former.id):
        team.repositories.pop(repository.id, None)
    kind = "organization" if former.type == "Organization" else "user"
    body: JsonObject = {
        "action": "transferred",
        "repository": repository_in_hook(sandbox, repository),
        "changes": {"owner": {"from": {kind: account_in_hook(sandbox, former)}}},
    }
    announce(sandbox, world.installation_covering(repository) or losing, "repository", who, body)
    if losing is not None:
        losing.repository_ids.discard(repository.id)
        if losing.suspended_at is None:
            announce_coverage(sandbox, losing, "removed", [repository], by=who)
    gaining = world.installation_covering(repository)
    if gaining is not None and gaining.suspended_at is None:
        announce_coverage(sandbox, gaining, "added", [repository], by=who)


def change_visibility(
    sandbox: Sandbox, repository: Repository, visibility: Visibility, by: Account | None = None
) -> None:
    former, repository.visibility = repository.visibility, visibility
    if former == visibility:
        return
    who = doer(sandbox, sandbox.world.owner_of(repository), by)
    if visibility == "public":
        announce_repository(sandbox, repository, "publicized", who)
    elif former == "public":
        announce_repository(sandbox, repository, "privatized", who)
    else:
        announce_repository(sandbox, repository, "edited", who, {"visibility": {"from": former}})


def archive_repository(sandbox: Sandbox, repository: Repository, *, archived: bool, by: Account | None = None) -> None:
    """Make it read-only, or writable again."""
    if repository.archived == archived:
        return
    repository.archived = archived
    who = doer(sandbox, sandbox.world.owner_of(repository), by)
    announce_repository(sandbox, repository, "archived" if archived else "unarchived", who)


def change_default_branch(sandbox: Sandbox, repository: Repository, branch: str, by: Account | None = None) -> None:
    former, repository.default_branch = repository.default_branch, branch
    who = doer(sandbox, sandbox.world.owner_of(repository), by)
    announce_repository(sandbox, repository, "edited", who, {"default_branch": {"from": former}})


def set_collaborator(
    sandbox: Sandbox, repository: Repository, person: Account, permission: Permission, by: Account | None = None
) -> None:
    """Invite somebody, who accepts at once, or change what they may do."""
    key = (repository.id, person.id)
    former = sandbox.world.collaborations.get(key)
    sandbox.world.collaborations[key] = permission
    if former == permission:
        return
    action: JsonObject = {"action": "added", "changes": {"permission": {"to": permission}}}
    if former is not None:
        action = {"action": "edited", "changes": {"permission": {"from": former, "to": permission}}}
    _announce_member(sandbox, repository, account_in_hook(sandbox, person), action, by)


def remove_collaborator(sandbox: Sandbox, repository: Repository, person: Account, by: Account | None = None) -> None:
    if sandbox.world.collaborations.pop((repository.id, person.id), None) is not None:
        _announce_member(sandbox, repository, account_in_hook(sandbox, person), {"action": "removed"}, by)


def _announce_member(
    sandbox: Sandbox, repository: Repository, member: JsonObject, action: JsonObject, by: Account | None
) -> None:
    body: JsonObject = {**action, "member": member, "repository": repository_in_hook(sandbox, repository)}
    who = doer(sandbox, sandbox.world.owner_of(repository), by)
    announce(sandbox, sandbox.world.installation_covering(repository), "member", who, body)
