"""GitHub's documents of accounts, repositories and installations."""

from datetime import datetime
from typing import Final

from entrypoints.sandbox.github.model import RANKS, Account, Installation, Permission, Repository
from entrypoints.sandbox.github.world import World
from entrypoints.sandbox.wire import Json, JsonObject

REPOSITORY_ROLES: Final[dict[Permission, str]] = {
    "pull": "read",
    "triage": "triage",
    "push": "write",
    "maintain": "maintain",
    "admin": "admin",
}
ONLY_OWN: Final = frozenset({"two_factor_authentication"})


def github_time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def account_document(account: Account, base_url: str) -> JsonObject:
    """Describe an account as other documents do."""
    return {
        "login": account.login,
        "id": account.id,
        "node_id": account.node_id,
        "avatar_url": f"{base_url}/avatars/{account.id}.svg",
        "gravatar_id": "",
        "url": f"https://api.github.com/users/{account.login}",
        "html_url": f"https://github.com/{account.login}",
        "type": account.type,
        "site_admin": False,
    }


def user_document(account: Account, base_url: str) -> JsonObject:
    """`GET /user`; the e-mail is null unless the person made one public."""
    created = github_time(account.created_at)
    return {
        **account_document(account, base_url),
        "name": account.name,
        "company": None,
        "blog": "",
        "location": None,
        "email": account.email,
        "hireable": None,
        "bio": None,
        "public_repos": 0,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": created,
        "updated_at": created,
        "two_factor_authentication": False,
    }


def public_document(account: Account, base_url: str) -> JsonObject:
    """`GET /users/{login}`."""
    return {name: value for name, value in user_document(account, base_url).items() if name not in ONLY_OWN}


def permissions_document(permission: Permission) -> JsonObject:
    """Say of each permission whether it is included in this one."""
    return {one: RANKS.index(permission) >= RANKS.index(one) for one in reversed(RANKS)}


def short_repository_document(world: World, repository: Repository) -> JsonObject:
    """Describe a repository as the webhooks of an installation do."""
    return {
        "id": repository.id,
        "node_id": f"R_{repository.id}",
        "name": repository.name,
        "full_name": f"{world.owner_of(repository).login}/{repository.name}",
        "private": repository.private,
    }


def repository_document(world: World, repository: Repository, permission: Permission, base_url: str) -> JsonObject:
    short = short_repository_document(world, repository)
    return {
        **short,
        "owner": account_document(world.owner_of(repository), base_url),
        "html_url": f"https://github.com/{short['full_name']}",
        "url": f"https://api.github.com/repos/{short['full_name']}",
        "description": None,
        "fork": False,
        "default_branch": repository.default_branch,
        "visibility": repository.visibility,
        "archived": repository.archived,
        "disabled": False,
        "permissions": permissions_document(permission),
        "role_name": REPOSITORY_ROLES[permission],
    }


def installation_document(world: World, installation: Installation, base_url: str) -> JsonObject:
    account = world.accounts[installation.account_id]
    suspended, by = installation.suspended_at, world.accounts.get(installation.suspended_by or 0)
    created = github_time(installation.created_at or account.created_at)
    permissions: JsonObject = {**installation.permissions}
    events: list[Json] = [*installation.events]
    return {
        "id": installation.id,
        "account": account_document(account, base_url),
        "repository_selection": installation.repository_selection,
        "access_tokens_url": f"https://api.github.com/app/installations/{installation.id}/access_tokens",
        "repositories_url": "https://api.github.com/installation/repositories",
        "html_url": f"{base_url}/settings/installations/{installation.id}",
        "client_id": world.app.client_id,
        "app_id": world.app.id,
        "app_slug": world.app.slug,
        "target_id": account.id,
        "target_type": account.type,
        "permissions": permissions,
        "events": events,
        "created_at": created,
        "updated_at": created,
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "suspended_by": None if by is None else account_document(by, base_url),
        "suspended_at": None if suspended is None else github_time(suspended),
    }
