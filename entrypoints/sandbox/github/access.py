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


def reachable(world: World, person_id: int, installation: Installation) -> list[Repository]:
    """List what of an installation was given to the person, in one quick go: there may be thousands."""
    repositories, owner_id = world.covered(installation), installation.account_id
    organization = world.accounts[owner_id]
    is_member = (owner_id, person_id) in world.memberships
    if administers(world, person_id, owner_id) or (is_member and organization.base_permission != "none"):
        return repositories
    given = _given_to(world, person_id)
    if is_member:
        return [one for one in repositories if one.id in given or not one.private or one.internal]
    return [one for one in repositories if one.id in given]


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


def _given_to(world: World, person_id: int) -> set[int]:
    """Give the repositories to which the person was invited, or of which a team of theirs has something."""
    given = {*world.collaborations.of_person(person_id)}
    return given.union(*(team.repositories for team in world.teams.values() if person_id in team.members))
