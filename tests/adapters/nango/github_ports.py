"""The ports of GitHub's access on planned replies."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import httpx
import pytest

from adapters.nango.app import NangoApp
from adapters.nango.authorizations import NangoAuthorizations
from adapters.nango.budget import Share
from adapters.nango.client import NangoClient
from adapters.nango.installation_access import NangoInstallationAccess
from adapters.nango.installation_imports import NangoInstallationImports
from adapters.nango.personal_access import NangoPersonalAccess
from adapters.nango.repository_contents import NangoRepositoryContents
from application.ports.personal_access import Viewpoint
from domain.connection import ConnectionId, ConnectionKind
from domain.errors import (
    DomainError,
)
from domain.grant import ProofSource
from domain.installation import InstallationId
from domain.repository import RepositoryId
from domain.user import GitHubId
from tests.adapters.nango.stub import Nango

KEY: Final = "github-app-oauth"
LINK: Final = ConnectionId("b271a040-56ab-4c79-8057-0a79ff26e241")
LOGIN: Final = Viewpoint(connection_id=LINK, source=ProofSource.LOGIN)
INSTALLED: Final = Viewpoint(connection_id=LINK, source=ProofSource.LINK, is_installation=True)
REPOSITORY: Final = RepositoryId(770_001)
INSTALLATION: Final = InstallationId(5_001)
NOT_OF_AN_APP: Final = (
    "You must authenticate with an access token authorized to a GitHub App in order to list installations"
)
NOT_FOR_APPS: Final = "Resource not accessible by integration"
SUSPENDED: Final = "This installation has been suspended"


def personal(client: NangoClient) -> NangoPersonalAccess:
    return NangoPersonalAccess(
        client=client,
        login_integration="github",
        repository_integration=KEY,
        app=NangoApp(client=client, integration=KEY, app_id=424_242),
        share=Share.FINISH,
    )


def installed(client: NangoClient) -> NangoInstallationAccess:
    return NangoInstallationAccess(client=client, integration=KEY, share=Share.FINISH)


def contents(client: NangoClient) -> NangoRepositoryContents:
    return NangoRepositoryContents(client=client, integration=KEY, share=Share.FINISH)


def imports(client: NangoClient) -> NangoInstallationImports:
    app = NangoApp(client=client, integration=KEY, app_id=424_242)
    return NangoInstallationImports(client=client, integration=KEY, app=app, share=Share.FINISH)


def authorizations(client: NangoClient) -> NangoAuthorizations:
    return NangoAuthorizations(client, KEY, "https://app.test/oauth/callback", Share.START, ConnectionKind.REPOSITORY)


Ask = Callable[[NangoClient], Awaitable[object]]
PERSONAL: Final[dict[str, Ask]] = {
    "person": lambda client: personal(client).person(LOGIN),
    "installations": lambda client: personal(client).installations(LOGIN),
    "repositories": lambda client: personal(client).repositories(LOGIN, INSTALLATION),
    "repository": lambda client: personal(client).repository(LOGIN, REPOSITORY),
}
INSTALLATIONS: Final[dict[str, Ask]] = {
    "repositories": lambda client: installed(client).repositories(LINK),
    "repository": lambda client: installed(client).repository(LINK, REPOSITORY),
    "check": lambda client: installed(client).check(LINK),
    "login_of": lambda client: installed(client).login_of(LINK, GitHubId(1001)),
    "permission_of": lambda client: installed(client).permission_of(LINK, REPOSITORY, "octo-a"),
    "is_owner": lambda client: installed(client).is_owner(LINK, "acme", "octo-a"),
    "file": lambda client: contents(client).file(LINK, REPOSITORY, "README.md"),
    "pull_request": lambda client: contents(client).pull_request(LINK, REPOSITORY, 2),
    "comment": lambda client: contents(client).comment(LINK, REPOSITORY, 2, "Hello."),
}


def refused(status: int, message: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
    body = {"message": message, "documentation_url": "https://docs.github.com/rest", "status": str(status)}
    return httpx.Response(status, headers=headers, json=body)


async def failure(ask: Ask, *replies: httpx.Response) -> DomainError:
    with pytest.raises(DomainError) as caught:
        await ask(Nango(replies).client())
    return caught.value
