"""GitHub's documents of accounts, repositories and installations."""

from entrypoints.sandbox.github.model import Account, Installation, Permission, Repository, World
from entrypoints.sandbox.wire import JsonObject

RANKS: tuple[Permission, ...] = ("pull", "triage", "push", "maintain", "admin")


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
    created = f"{account.created_at:%Y-%m-%dT%H:%M:%SZ}"
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


def repository_document(world: World, repository: Repository, permission: Permission, base_url: str) -> JsonObject:
    owner = world.accounts[repository.owner_id]
    rank = RANKS.index(permission)
    full_name = f"{owner.login}/{repository.name}"
    return {
        "id": repository.id,
        "node_id": f"R_{repository.id}",
        "name": repository.name,
        "full_name": full_name,
        "private": repository.private,
        "owner": account_document(owner, base_url),
        "html_url": f"https://github.com/{full_name}",
        "default_branch": repository.default_branch,
        "archived": repository.archived,
        "permissions": {
            "admin": rank >= RANKS.index("admin"),
            "maintain": rank >= RANKS.index("maintain"),
            "push": rank >= RANKS.index("push"),
            "triage": rank >= RANKS.index("triage"),
            "pull": True,
        },
    }


def installation_document(world: World, installation: Installation, base_url: str) -> JsonObject:
    account = world.accounts[installation.account_id]
    suspended = installation.suspended_at
    return {
        "id": installation.id,
        "account": account_document(account, base_url),
        "repository_selection": installation.repository_selection,
        "app_id": world.app.id,
        "app_slug": world.app.slug,
        "target_id": account.id,
        "target_type": account.type,
        "permissions": {**installation.permissions},
        "events": [*installation.events],
        "suspended_by": None,
        "suspended_at": None if suspended is None else f"{suspended:%Y-%m-%dT%H:%M:%SZ}",
    }
