"""One repository, by its number or its name, and what somebody may do with it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from entrypoints.sandbox.github.access import at_least, permission_of, sight_of
from entrypoints.sandbox.github.documents import (
    REPOSITORY_ROLES,
    account_document,
    permissions_document,
    repository_document,
)
from entrypoints.sandbox.github.exchange import UpstreamAnswer
from entrypoints.sandbox.github.model import Installation, Permission, Repository
from entrypoints.sandbox.github.rest.call import NOT_FOR_APPS, Call, Route
from entrypoints.sandbox.github.rest.routing import Pattern

REPOSITORY: Final = "https://docs.github.com/rest/repos/repos#get-a-repository"
COLLABORATOR: Final = "https://docs.github.com/rest/collaborators/collaborators#get-repository-permissions-for-a-user"
OLD_ROLES: Final[dict[Permission, str]] = {
    "admin": "admin",
    "maintain": "write",
    "push": "write",
    "triage": "read",
    "pull": "read",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A repository that the token sees, through which installation, and with which permission."""

    repository: Repository
    installation: Installation | None
    permission: Permission

    def lacks(self, call: Call, permission: str, level: str = "read") -> bool:
        """Tell whether the permission is missing here; without an installation one may still read what is public."""
        if self.installation is not None:
            return not call.may(self.installation, permission, level)
        return level == "write"


RepositoryRoute: TypeAlias = Callable[[Call, Seen], UpstreamAnswer]


def seen_by(call: Call, repository: Repository) -> Seen | None:
    """Look at a repository with the call's token: private ones are for who was given them and has the App there."""
    covering = call.world.installation_covering(repository)
    if covering is not None and covering.suspended_at is not None:
        covering = None
    if call.person is None:
        if covering is not None and covering is call.installation:
            return Seen(repository, covering, "push")
        return None if repository.private else Seen(repository, None, "pull")
    installation = covering if call.token.is_of_app else None
    permission = sight_of(call.world, call.person.id, repository)
    if permission is None or (installation is None and repository.private):
        return None
    return Seen(repository, installation, permission)


def by_number(route: RepositoryRoute) -> Route:
    """Make a route below `/repositories/{repository_id}`."""

    def answer(call: Call) -> UpstreamAnswer:
        return _answer(call, call.world.repositories.get(int(call.values["repository_id"])), route)

    return answer


def by_name(route: RepositoryRoute) -> Route:
    """Make a route below `/repos/{owner}/{repo}`, which leads on from a former name to the number."""

    def answer(call: Call) -> UpstreamAnswer:
        owner, name = call.values["owner"], call.values["repo"]
        repository = call.world.repository_named(owner, name)
        moved = call.world.moved_repository(owner, name)
        if repository is not None or moved is None or seen_by(call, moved) is None:
            return _answer(call, repository, route)
        rest = "/".join(call.request.target.split("/")[4:])
        url = f"https://api.github.com/repositories/{moved.id}{f'/{rest}' if rest else ''}"
        status = 301 if call.request.method == "GET" else 307
        return call.answer({"message": "Moved Permanently", "url": url}, status, {"location": url})

    return answer


def _answer(call: Call, repository: Repository | None, route: RepositoryRoute) -> UpstreamAnswer:
    seen = seen_by(call, repository) if repository is not None else None
    return route(call, seen) if seen is not None else call.not_found(REPOSITORY)


def both_ways(method: str, template: str, route: RepositoryRoute) -> list[Pattern]:
    """Make the two patterns of a route below a repository."""
    return [
        Pattern(method, f"/repositories/{{repository_id}}{template}", by_number(route)),
        Pattern(method, f"/repos/{{owner}}/{{repo}}{template}", by_name(route)),
    ]


def repository(call: Call, seen: Seen) -> UpstreamAnswer:
    return call.answer(repository_document(call.world, seen.repository, seen.permission, call.base_url))


def collaborator_permission(call: Call, seen: Seen) -> UpstreamAnswer:
    """Say what somebody may do; everybody may read what is public."""
    if seen.lacks(call, "metadata") or (seen.installation is None and call.person is None):
        return call.refuse(403, NOT_FOR_APPS, COLLABORATOR)
    if not at_least(seen.permission, "push"):
        return call.refuse(403, "Must have push access to view collaborator permission.", COLLABORATOR)
    account = call.world.account_called(call.values["login"])
    if account is None or account.type != "User":
        return call.refuse(404, f"{call.values['login']} is not a user", COLLABORATOR)
    permission = permission_of(call.world, account.id, seen.repository)
    user = account_document(account, call.base_url)
    if permission is None and seen.repository.private:
        if not call.conditions.says_none_for_strangers:
            return call.not_found(COLLABORATOR)
        return call.answer({"permission": "none", "user": user, "role_name": "none"})
    role = REPOSITORY_ROLES[permission or "pull"]
    user |= {"permissions": permissions_document(permission or "pull"), "role_name": role}
    return call.answer({"permission": OLD_ROLES[permission or "pull"], "user": user, "role_name": role})
