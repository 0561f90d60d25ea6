"""The App's webhooks: signed as GitHub signs them, and given to the repository integration of Nango."""

import hashlib
import hmac
from typing import Final
from uuid import uuid4

from entrypoints.sandbox.github.deliveries import HookDelivery
from entrypoints.sandbox.github.documents import account_document, repository_document
from entrypoints.sandbox.github.model import Account, Installation, Repository
from entrypoints.sandbox.nango.ingress import receive_from_github
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.wire import Json, JsonObject, compact_json

HOOK_ID: Final = "292430182"


def send_hook(sandbox: Sandbox, event: str, body: JsonObject) -> HookDelivery:
    """Send an event, unless they are being dropped; what came of it is remembered either way."""
    guid = str(uuid4())
    status: int | None = None
    answer: JsonObject | None = None
    if not sandbox.conditions.drop_github_events:
        headers = hook_headers(sandbox, event, guid, compact_json(body))
        status, answer = receive_from_github(sandbox, sandbox.settings.repository_integration, body, headers)
    delivery = HookDelivery(
        number=sandbox.world.number(), guid=guid, event=event, body=body, status=status, answer=answer
    )
    sandbox.world.deliveries.append(delivery)
    return delivery


def hook_headers(sandbox: Sandbox, event: str, guid: str, body: bytes) -> dict[str, str]:
    signature = hmac.new(sandbox.hook_secret.encode(), body, hashlib.sha256).hexdigest()
    return {
        "accept": "*/*",
        "user-agent": "GitHub-Hookshot/sandbox",
        "x-github-event": event,
        "x-github-delivery": guid,
        "x-github-hook-id": HOOK_ID,
        "x-github-hook-installation-target-id": str(sandbox.world.app.id),
        "x-github-hook-installation-target-type": "integration",
        "x-hub-signature-256": f"sha256={signature}",
    }


def account_in_hook(sandbox: Sandbox, account: Account) -> JsonObject:
    return account_document(account, sandbox.settings.public_url)


def repository_in_hook(sandbox: Sandbox, repository: Repository) -> JsonObject:
    """Describe a repository in full, without anybody's permissions."""
    document = repository_document(sandbox.world, repository, "pull", sandbox.settings.public_url)
    return {name: value for name, value in document.items() if name not in {"permissions", "role_name"}}


def announce(sandbox: Sandbox, installation: Installation | None, event: str, by: Account, body: JsonObject) -> None:
    """Tell the App of something in an installation; nothing is told where it is suspended or not installed."""
    if installation is None or installation.suspended_at is not None:
        return
    where: JsonObject = {"id": installation.id, "node_id": f"I_{installation.id}"}
    account = sandbox.world.accounts[installation.account_id]
    organization: JsonObject = (
        {"organization": account_in_hook(sandbox, account)} if account.type == "Organization" else {}
    )
    send_hook(sandbox, event, {**body, **organization, "sender": account_in_hook(sandbox, by), "installation": where})


def announce_repository(
    sandbox: Sandbox, repository: Repository, action: str, by: Account, changes: Json = None
) -> None:
    """Tell of a change to a repository that the App covers."""
    body: JsonObject = {"action": action, "repository": repository_in_hook(sandbox, repository)}
    if changes is not None:
        body["changes"] = changes
    announce(sandbox, sandbox.world.installation_covering(repository), "repository", by, body)


def doer(sandbox: Sandbox, account: Account, by: Account | None = None) -> Account:
    """Say who did something to an account when nobody is named: the person, or the organisation's first owner."""
    if by is not None:
        return by
    owners = sandbox.world.owners(account)
    return owners[0] if owners else account
