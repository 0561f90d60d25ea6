"""Installations, and the repositories that an installation or a person in it can reach."""

from typing import Final

from entrypoints.sandbox.github.access import installations_of, permission_of, reachable
from entrypoints.sandbox.github.documents import installation_document, repository_document
from entrypoints.sandbox.github.exchange import UpstreamAnswer
from entrypoints.sandbox.github.rest.call import Call
from entrypoints.sandbox.wire import Json

DOCUMENTATION: Final = "https://docs.github.com/rest/apps/installations"
OF_A_PERSON: Final = f"{DOCUMENTATION}#list-app-installations-accessible-to-the-user-access-token"
REPOSITORIES_OF_A_PERSON: Final = f"{DOCUMENTATION}#list-repositories-accessible-to-the-user-access-token"
REPOSITORIES_OF_AN_APP: Final = f"{DOCUMENTATION}#list-repositories-accessible-to-the-app-installation"
NOT_OF_AN_APP: Final = (
    "You must authenticate with an access token authorized to a GitHub App in order to list installations"
)
NOT_AN_INSTALLATION: Final = (
    "You must authenticate with an installation access token in order to list repositories for an installation."
)
SUSPENDED: Final = "This installation has been suspended"


def user_installations(call: Call) -> UpstreamAnswer:
    """List the installations in which something was given to the person, suspended ones too."""
    if call.person is None or not call.token.is_of_app:
        return call.refuse(403, NOT_OF_AN_APP, OF_A_PERSON)
    installations = [one for one in installations_of(call.world, call.person.id) if call.lists(one)]
    documents: list[Json] = [
        installation_document(call.world, installation, call.base_url) for installation in call.page.of(installations)
    ]
    total = len(installations)
    return call.answer({"total_count": total, "installations": documents}, headers=call.links(total))


def user_installation_repositories(call: Call) -> UpstreamAnswer:
    """List what was given to the person: a repository that is only public is not among it."""
    if call.person is None or not call.token.is_of_app:
        return call.refuse(403, NOT_OF_AN_APP, REPOSITORIES_OF_A_PERSON)
    installation = call.world.installations.get(int(call.values["installation_id"]))
    if installation is None or not call.lists(installation):
        return call.not_found(REPOSITORIES_OF_A_PERSON)
    found = reachable(call.world, call.person.id, installation)
    if not found and installation.account_id != call.person.id:
        return call.not_found(REPOSITORIES_OF_A_PERSON)
    if installation.suspended_at is not None:
        return call.refuse(403, SUSPENDED, REPOSITORIES_OF_A_PERSON)
    documents: list[Json] = [
        repository_document(call.world, one, permission_of(call.world, call.person.id, one) or "pull", call.base_url)
        for one in call.page.of(found)
    ]
    body: Json = {
        "total_count": len(found),
        "repository_selection": installation.repository_selection,
        "repositories": documents,
    }
    return call.answer(body, headers=call.links(len(found)))


def installation_repositories(call: Call) -> UpstreamAnswer:
    """List what the installation covers."""
    installation = call.installation
    if installation is None:
        return call.refuse(403, NOT_AN_INSTALLATION, REPOSITORIES_OF_AN_APP)
    covered = call.world.covered(installation)
    documents: list[Json] = [
        repository_document(call.world, repository, "push", call.base_url) for repository in call.page.of(covered)
    ]
    body: Json = {
        "total_count": len(covered),
        "repository_selection": installation.repository_selection,
        "repositories": documents,
    }
    return call.answer(body, headers=call.links(len(covered)))
