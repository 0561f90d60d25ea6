"""Who may do what with which repository."""

from collections.abc import Iterable

from entrypoints.sandbox.github.model import RANKS, Account, Installation, Permission, Repository
from entrypoints.sandbox.github.world import World


def best(permissions: Iterable[Permission | None]) -> Permission | None:
    """Take the strongest of what was given, if anything was."""
    ranks = [RANKS.index(permission) for permission in permissions if permission is not None]
    return RANKS[max(ranks)] if ranks else None


def at_least(permission: Permission | None, wanted: Permission) -> bool:
    return permission is not None and RANKS.index(permission) >= RANKS.index(wanted)


def administers(world: World, person_id: int, account_id: int) -> bool:
    """Tell whether the account is the person, or an organisation of which they are an owner."""
    return account_id == person_id or world.memberships.get((account_id, person_id)) == "admin"


def permission_of(world: World, person_id: int, repository: Repository) -> Permission | None:
    """Take the best of what was given to the person: being public gives nobody anything here."""
    if administers(world, person_id, repository.owner_id):
        return "admin"
    given: list[Permission | None] = [
        team.repositories.get(repository.id) for team in world.teams.values() if person_id in team.members
    ]
    given.append(world.collaborations.get((repository.id, person_id)))
    if (repository.owner_id, person_id) in world.memberships:
        given.append(_as_member(world.owner_of(repository), repository))
    return best(given)


def sight_of(world: World, person_id: int, repository: Repository) -> Permission | None:
    """Give the permission with which the person sees a repository; a public one is seen by everybody."""
    return permission_of(world, person_id, repository) or (None if repository.private else "pull")


def reachable(world: World, person_id: int, installation: Installation) -> list[tuple[Repository, Permission]]:
    """List what of an installation was given to the person, in one go over its repositories."""
    repositories = world.covered(installation)
    if administers(world, person_id, installation.account_id):
        return [(repository, "admin") for repository in repositories]
    given = _given_to(world, person_id)
    account = world.accounts[installation.account_id]
    is_member = (account.id, person_id) in world.memberships
    found: list[tuple[Repository, Permission]] = []
    for repository in repositories if is_member else _only(repositories, given):
        permission = given.get(repository.id)
        if is_member:
            permission = best([permission, _as_member(account, repository)])
        if permission is not None:
            found.append((repository, permission))
    return found


def installations_of(world: World, person_id: int) -> list[Installation]:
    """List the installations on the person's own account, and those in which something was given to them."""
    return [
        installation
        for _, installation in sorted(world.installations.items())
        if installation.account_id == person_id or reachable(world, person_id, installation)
    ]


def _as_member(organization: Account, repository: Repository) -> Permission | None:
    """Say what belonging to the organisation gives: its public and internal repositories, and its base permission."""
    if organization.base_permission != "none":
        return organization.base_permission
    return "pull" if repository.visibility != "private" else None


def _given_to(world: World, person_id: int) -> dict[int, Permission]:
    given: dict[int, Permission] = {**world.collaborations.of_person(person_id)}
    for team in world.teams.values():
        if person_id in team.members:
            for repository_id, permission in team.repositories.items():
                given[repository_id] = best([given.get(repository_id), permission]) or permission
    return given


def _only(repositories: Iterable[Repository], given: dict[int, Permission]) -> Iterable[Repository]:
    return (repository for repository in repositories if repository.id in given)
