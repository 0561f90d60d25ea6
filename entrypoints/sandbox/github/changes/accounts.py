"""Accounts get other names, and people take back what they authorized."""

from entrypoints.sandbox.github.hooks import account_in_hook, announce, doer, send_hook
from entrypoints.sandbox.github.model import Account
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.wire import JsonObject


def rename_account(sandbox: Sandbox, account: Account, login: str) -> None:
    """Give the account another login name; its former one is free for anybody."""
    world = sandbox.world
    for repository in world.owned_by(account.id):
        world.note_move(repository)
    former, account.login = account.login, login
    installation, who = world.installation_on(account.id), doer(sandbox, account)
    changes: JsonObject = {"login": {"from": former}}
    if account.type == "Organization":
        announce(sandbox, installation, "organization", who, {"action": "renamed", "changes": changes})
    body: JsonObject = {
        "action": "renamed",
        "account": account_in_hook(sandbox, account),
        "changes": changes,
        "target_type": account.type,
    }
    announce(sandbox, installation, "installation_target", who, body)


def revoke_authorization(sandbox: Sandbox, person: Account) -> int:
    """Take back what a person authorized: their tokens stop working, and the App is told."""
    revoked = sandbox.tokens.revoke_all_of(person.id)
    body: JsonObject = {"action": "revoked", "sender": account_in_hook(sandbox, person)}
    send_hook(sandbox, "github_app_authorization", body)
    return revoked
