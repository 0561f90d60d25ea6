"""The App comes to an account, changes there, and goes."""

from collections.abc import Iterable

from entrypoints.sandbox.github.documents import installation_document, short_repository_document
from entrypoints.sandbox.github.hooks import account_in_hook, doer, send_hook
from entrypoints.sandbox.github.model import Account, Installation, InstallationRequest, Repository, Selection
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.wire import Json, JsonObject


def install(  # noqa: PLR0913 - what an installation consists of
    sandbox: Sandbox,
    account: Account,
    selection: Selection,
    *,
    by: Account | None = None,
    requester: Account | None = None,
    number: int | None = None,
    permissions: dict[str, str] | None = None,
) -> Installation:
    """Install the App; whoever waits for an approval there waits no longer."""
    world = sandbox.world
    new_id = number if number is not None else max(world.installations, default=5_000) + 1
    installation = Installation(id=new_id, account_id=account.id, repository_ids=set(), created_at=sandbox.now())
    installation.select(selection)
    if permissions is not None:
        installation.permissions = permissions
    world.installations[new_id] = installation
    for request in requests_of(sandbox, account):
        del world.requests[request.id]
    _announce_installation(sandbox, installation, "created", doer(sandbox, account, by), requester)
    return installation


def uninstall(sandbox: Sandbox, installation: Installation, by: Account | None = None) -> None:
    """Remove the App from an account; its tokens there are worth nothing from now on."""
    account = sandbox.world.accounts[installation.account_id]
    _announce_installation(sandbox, installation, "deleted", doer(sandbox, account, by))
    del sandbox.world.installations[installation.id]


def suspend(sandbox: Sandbox, installation: Installation, by: Account | None = None) -> None:
    who = doer(sandbox, sandbox.world.accounts[installation.account_id], by)
    installation.suspended_at, installation.suspended_by = sandbox.now(), who.id
    _announce_installation(sandbox, installation, "suspend", who)


def unsuspend(sandbox: Sandbox, installation: Installation, by: Account | None = None) -> None:
    who = doer(sandbox, sandbox.world.accounts[installation.account_id], by)
    installation.suspended_at = installation.suspended_by = None
    _announce_installation(sandbox, installation, "unsuspend", who)


def accept_permissions(
    sandbox: Sandbox, installation: Installation, permissions: dict[str, str], by: Account | None = None
) -> None:
    """Let the account accept what the App asks for now."""
    installation.permissions = permissions
    who = doer(sandbox, sandbox.world.accounts[installation.account_id], by)
    _announce_installation(sandbox, installation, "new_permissions_accepted", who)


def select_repositories(
    sandbox: Sandbox,
    installation: Installation,
    selection: Selection,
    *,
    by: Account | None = None,
    requester: Account | None = None,
) -> None:
    """Change what the installation covers."""
    world = sandbox.world
    before, was = world.covered(installation), installation.repository_selection
    installation.select(selection)
    after = world.covered(installation)
    who = doer(sandbox, world.accounts[installation.account_id], by)
    added = _without(after, before)
    removed = _without(before, after)
    if added or (was, installation.repository_selection) == ("selected", "all"):
        announce_coverage(sandbox, installation, "added", added, by=who, requester=requester)
    if removed:
        announce_coverage(sandbox, installation, "removed", removed, by=who, requester=requester)


def request_installation(sandbox: Sandbox, account: Account, requester: Account) -> InstallationRequest:
    """Ask the owners; GitHub keeps one request of a person for an account, and no webhook tells of it."""
    for request in requests_of(sandbox, account):
        if request.requester_id == requester.id:
            return request
    request = InstallationRequest(
        id=sandbox.world.number(), account_id=account.id, requester_id=requester.id, requested_at=sandbox.now()
    )
    sandbox.world.requests[request.id] = request
    return request


def approve(
    sandbox: Sandbox, request: InstallationRequest, selection: Selection, by: Account | None = None
) -> Installation:
    """Install what was asked for; where the App is already, the repositories are added."""
    world = sandbox.world
    account, requester = world.accounts[request.account_id], world.accounts[request.requester_id]
    del world.requests[request.id]
    installation = world.installation_on(account.id)
    if installation is None:
        return install(sandbox, account, selection, by=by, requester=requester)
    wider = selection if selection == "all" else selection | installation.repository_ids
    if installation.repository_selection == "all":
        wider = "all"
    select_repositories(sandbox, installation, wider, by=by, requester=requester)
    return installation


def decline(sandbox: Sandbox, request: InstallationRequest) -> None:
    """Forget a request; no webhook tells of it."""
    del sandbox.world.requests[request.id]


def requests_of(sandbox: Sandbox, account: Account) -> list[InstallationRequest]:
    return [request for request in sandbox.world.requests.values() if request.account_id == account.id]


def announce_coverage(  # noqa: PLR0913 - what the event says
    sandbox: Sandbox,
    installation: Installation,
    action: str,
    repositories: Iterable[Repository],
    *,
    by: Account,
    requester: Account | None = None,
) -> None:
    """Tell which repositories an installation got or lost."""
    listed: list[Json] = [short_repository_document(sandbox.world, one) for one in repositories]
    body: JsonObject = {
        "action": action,
        "installation": installation_document(sandbox.world, installation, sandbox.settings.public_url),
        "repository_selection": installation.repository_selection,
        "repositories_added": listed if action == "added" else [],
        "repositories_removed": listed if action == "removed" else [],
        "requester": None if requester is None else account_in_hook(sandbox, requester),
        "sender": account_in_hook(sandbox, by),
    }
    send_hook(sandbox, "installation_repositories", body)


def _announce_installation(
    sandbox: Sandbox, installation: Installation, action: str, by: Account, requester: Account | None = None
) -> None:
    covered = sandbox.world.covered(installation)
    listed: list[Json] = [short_repository_document(sandbox.world, repository) for repository in covered]
    body: JsonObject = {
        "action": action,
        "installation": installation_document(sandbox.world, installation, sandbox.settings.public_url),
        "repositories": listed,
        "requester": None if requester is None else account_in_hook(sandbox, requester),
        "sender": account_in_hook(sandbox, by),
    }
    send_hook(sandbox, "installation", body)


def _without(those: list[Repository], others: list[Repository]) -> list[Repository]:
    known = {repository.id for repository in others}
    return [repository for repository in those if repository.id not in known]
