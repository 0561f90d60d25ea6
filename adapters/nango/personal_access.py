"""GitHub, as a person's own token sees it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Final

from adapters.nango.app import NangoApp
from adapters.nango.budget import Share
from adapters.nango.calls import Call, in_path
from adapters.nango.client import NangoClient
from adapters.nango.github_accounts import account_in
from adapters.nango.github_documents import InstallationPage, PersonBehind, SeenRepository, SeenRepositoryPage
from adapters.nango.github_refusals import to_person
from adapters.nango.github_values import installation_of, seen_repository_of
from adapters.nango.pages import PAGE_SIZE, all_pages
from adapters.nango.proxied_github import ProxiedGitHub
from adapters.nango.refusals import is_absent, meaning
from application.ports.personal_access import PersonalAccess, Viewpoint
from domain import repository as domain
from domain.connection import ConnectionKind
from domain.errors import ConnectionBroken, UpstreamUnavailable
from domain.grant import ProofSource
from domain.installation import Installation, InstallationId
from domain.repository import RepositoryId
from domain.secret import Secret
from domain.user import GitHubAccount

TOKEN: Final = re.compile(r"[!-~]{1,2048}")
NOTHING_LISTED: Final = SeenRepositoryPage(total_count=0, repositories=[])


@dataclass(frozen=True, slots=True, kw_only=True)
class NangoPersonalAccess(PersonalAccess):
    """Each method costs a call of the share, a list one for each page; a viewpoint of an installation one more."""

    client: NangoClient
    login_integration: str
    repository_integration: str
    app: NangoApp
    share: Share

    async def person(self, viewpoint: Viewpoint) -> GitHubAccount:
        github = await self._through(viewpoint)
        return account_in(github.ok(await github.get("/user", "/user")))

    async def installations(self, viewpoint: Viewpoint) -> Sequence[Installation]:
        app_id, asked_at = await self.app.id(self.share), datetime.fromtimestamp(self.client.now(), UTC)
        github = await self._through(viewpoint)
        documents = await all_pages(partial(_installation_page, github), github)
        found = (installation_of(document, asked_at) for document in documents if document.app_id == app_id)
        return [installation for installation in found if installation is not None]

    async def repositories(
        self, viewpoint: Viewpoint, installation_id: InstallationId
    ) -> Sequence[domain.SeenRepository]:
        github = await self._through(viewpoint)
        documents = await all_pages(partial(_repository_page, github, installation_id), github)
        found = map(seen_repository_of, documents)
        return [repository for repository in found if repository is not None]

    async def repository(self, viewpoint: Viewpoint, repository_id: RepositoryId) -> domain.SeenRepository | None:
        github = await self._through(viewpoint)
        answer = await github.get("/repositories/{id}", f"/repositories/{repository_id:d}")
        if is_absent(answer):
            return None
        document = github.ok(answer).decode(SeenRepository)
        if document.id != repository_id:
            raise UpstreamUnavailable("GitHub answered with another repository")
        return seen_repository_of(document)

    async def _through(self, viewpoint: Viewpoint) -> ProxiedGitHub:
        is_login = viewpoint.source is ProofSource.LOGIN
        return ProxiedGitHub(
            client=self.client,
            share=self.share,
            integration=self.login_integration if is_login else self.repository_integration,
            kind=ConnectionKind.LOGIN if is_login else ConnectionKind.REPOSITORY,
            connection_id=viewpoint.connection_id,
            token=await self._own_token(viewpoint) if viewpoint.is_installation else None,
            reads=to_person,
        )

    async def _own_token(self, viewpoint: Viewpoint) -> Secret:
        """Take the person's token from beside the installation's."""
        call = Call(
            method="GET",
            route="/connections/{id}",
            path=f"/connections/{in_path(viewpoint.connection_id)}",
            query={"provider_config_key": self.repository_integration},
        )
        answer = await self.client.send(call, self.share)
        if answer.status != HTTPStatus.OK:
            raise meaning(answer, self.repository_integration, self.client.now(), ConnectionKind.REPOSITORY)
        document = answer.decode(PersonBehind)
        if document.connection_id != viewpoint.connection_id:
            raise UpstreamUnavailable("Nango answered with another connection")
        credentials = document.connection_config and document.connection_config.user_credentials
        if credentials is None or not TOKEN.fullmatch(credentials.access_token):
            raise ConnectionBroken("Nango kept no token of the person who connected")
        return Secret(credentials.access_token)


async def _installation_page(github: ProxiedGitHub, number: int) -> InstallationPage:
    answer = await github.get("/user/installations", "/user/installations", _page(number))
    return github.ok(answer).decode(InstallationPage)


async def _repository_page(github: ProxiedGitHub, installation_id: InstallationId, number: int) -> SeenRepositoryPage:
    answer = await github.get(
        "/user/installations/{id}/repositories",
        f"/user/installations/{installation_id:d}/repositories",
        _page(number),
    )
    # GitHub says so of an installation in which the person has nothing.
    return NOTHING_LISTED if is_absent(answer) else github.ok(answer).decode(SeenRepositoryPage)


def _page(number: int) -> dict[str, str]:
    return {"per_page": str(PAGE_SIZE), "page": str(number)}
