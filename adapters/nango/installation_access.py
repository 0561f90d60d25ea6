"""GitHub, as the token of an installation's connection sees it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Final
from urllib.parse import quote

from adapters.nango.budget import Share
from adapters.nango.calls import Answer
from adapters.nango.client import NangoClient
from adapters.nango.documents import GitHubUser
from adapters.nango.github_documents import CollaboratorPermission, CoveredPage, Membership, Repository, RepositoryPage
from adapters.nango.github_refusals import forbidden_words, to_installation
from adapters.nango.github_values import installation_covering, permission_in, repository_of
from adapters.nango.pages import PAGE_SIZE, all_pages
from adapters.nango.proxied_github import ProxiedGitHub
from adapters.nango.refusals import is_absent
from application.ports.installation_access import InstallationAccess
from domain import repository as domain
from domain.connection import ConnectionId, ConnectionKind
from domain.errors import InstallationGone, InstallationSuspended, UpstreamUnavailable
from domain.installation import Installation, InstallationId
from domain.repository import Permission, RepositoryId, Visibility
from domain.user import GitHubId

LISTED: Final = "/installation/repositories"
NO_ROLE: Final = "none"
# Of people, organisations and apps; nothing that a server on the way might take for a path.
LOGIN: Final = re.compile(r"[A-Za-z0-9_-]{1,100}(\[bot\])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class NangoInstallationAccess(InstallationAccess):
    """Each method costs one call of the share, the list one for each page, a public repository one more."""

    client: NangoClient
    integration: str
    share: Share

    async def repositories(self, connection_id: ConnectionId) -> Sequence[domain.Repository]:
        github = self._through(connection_id)
        documents = await all_pages(partial(_repository_page, github, PAGE_SIZE), github)
        return [repository_of(document) for document in documents]

    async def about(self, connection_id: ConnectionId, installation_id: InstallationId) -> Installation | None:
        github = self._through(connection_id)
        answer = await github.get(LISTED, LISTED, {"per_page": "1", "page": "1"})
        if is_absent(answer):
            raise InstallationGone(f"{answer.call}: GitHub knows no such installation")
        covered = github.ok(answer).decode(CoveredPage)
        return installation_covering(covered, installation_id, datetime.fromtimestamp(self.client.now(), UTC))

    async def repository(self, connection_id: ConnectionId, repository_id: RepositoryId) -> domain.Repository | None:
        github = self._through(connection_id)
        answer = await github.get("/repositories/{id}", f"/repositories/{repository_id:d}")
        if is_absent(answer):
            return None
        document = github.ok(answer).decode(Repository)
        if document.id != repository_id:
            raise UpstreamUnavailable("GitHub answered with another repository")
        repository = repository_of(document)
        # GitHub shows what is public to everybody's token.
        is_covered = repository.visibility is not Visibility.PUBLIC or await _covers(github, repository)
        return repository if is_covered else None

    async def check(self, connection_id: ConnectionId) -> None:
        await _repository_page(self._through(connection_id), 1, 1)

    async def login_of(self, connection_id: ConnectionId, github_id: GitHubId) -> str | None:
        github = self._through(connection_id)
        answer = await github.get("/user/{id}", f"/user/{github_id:d}")
        if is_absent(answer):
            return None
        user = github.ok(answer).decode(GitHubUser)
        return user.login if user.id == github_id else None

    async def permission_of(
        self, connection_id: ConnectionId, repository_id: RepositoryId, login: str
    ) -> tuple[GitHubId, Permission] | None:
        if not LOGIN.fullmatch(login):
            return None
        github = self._through(connection_id)
        answer = await _permission(github, repository_id, login)
        if is_absent(answer):
            return None
        document = github.ok(answer).decode(CollaboratorPermission)
        if document.user is None or document.permission == NO_ROLE:
            return None
        permission = permission_in(document.role_name, document.user.permissions)
        return None if permission is None else (GitHubId(document.user.id), permission)

    async def is_owner(self, connection_id: ConnectionId, account: str, login: str) -> bool:
        if not LOGIN.fullmatch(account) or not LOGIN.fullmatch(login):
            return False
        github = self._through(connection_id)
        answer = await github.get(
            "/orgs/{account}/memberships/{login}",
            f"/orgs/{quote(account, safe='')}/memberships/{quote(login, safe='')}",
        )
        if is_absent(answer) or _may_not_know(github, answer):
            return False
        membership = github.ok(answer).decode(Membership)
        return (membership.state, membership.role) == ("active", "admin")

    def _through(self, connection_id: ConnectionId) -> ProxiedGitHub:
        return ProxiedGitHub(
            client=self.client,
            share=self.share,
            integration=self.integration,
            kind=ConnectionKind.REPOSITORY,
            connection_id=connection_id,
            reads=to_installation,
        )


async def _repository_page(github: ProxiedGitHub, size: int, number: int) -> RepositoryPage:
    answer = await github.get(LISTED, LISTED, {"per_page": str(size), "page": str(number)})
    if is_absent(answer):
        raise InstallationGone(f"{answer.call}: GitHub knows no such installation")
    return github.ok(answer).decode(RepositoryPage)


async def _permission(github: ProxiedGitHub, repository_id: RepositoryId, login: str) -> Answer:
    return await github.get(
        "/repositories/{id}/collaborators/{login}/permission",
        f"/repositories/{repository_id:d}/collaborators/{quote(login, safe='')}/permission",
    )


async def _covers(github: ProxiedGitHub, repository: domain.Repository) -> bool:
    """Tell whether the App is installed there: only then may it ask for a role, though the owner may be no person."""
    answer = await _permission(github, repository.id, repository.owner)
    if is_absent(answer):
        return True
    if _may_not_know(github, answer):
        return False
    github.ok(answer)
    return True


def _may_not_know(github: ProxiedGitHub, answer: Answer) -> bool:
    """Tell whether the App lacks a permission: a 403 that is neither a pause nor a suspension."""
    general = github.general_meaning(answer)
    return bool(forbidden_words(answer, general)) and not isinstance(github.meaning(answer), InstallationSuspended)
