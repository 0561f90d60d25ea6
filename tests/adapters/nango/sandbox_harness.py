"""The adapter on the sandbox, which a browser and the control API share with it."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, urlsplit

import httpx

from adapters.nango.authorizations import NangoAuthorizations
from adapters.nango.budget import CallBudget, Share
from adapters.nango.client import NangoClient
from adapters.nango.connections import NangoConnections
from adapters.nango.github_accounts import NangoGitHubAccounts
from domain.attempt import ProviderAnswer
from domain.connection import ConnectionId
from domain.user import GitHubAccount, GitHubId
from entrypoints.sandbox.clock import SystemClock
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.settings import SandboxSettings
from tests.adapters.nango.harness import CALLBACK_URL, PAGE_SIZE, Harness, Person
from tests.sandbox.served import app_of

SANDBOX_URL: Final = "http://sandbox.test"
ADA: Final = GitHubAccount(
    id=GitHubId(583_201),
    login="ada-rivera",
    name="Ada Rivera",
    email="ada@example.test",
    avatar_url=f"{SANDBOX_URL}/avatars/583201.svg",
)


@dataclass(frozen=True, slots=True)
class SandboxPerson(Person):
    browser: httpx.AsyncClient
    account: GitHubAccount = ADA

    async def approve(self, url: str) -> ProviderAnswer:
        return await self._answer(url, {"as": self.account.login})

    async def deny(self, url: str) -> ProviderAnswer:
        return await self._answer(url, {"deny": "1"})

    async def _answer(self, url: str, choice: dict[str, str]) -> ProviderAnswer:
        asked = httpx.URL(url).copy_merge_params(choice)
        location = (await self.browser.get(asked)).headers["location"]
        assert location.startswith(f"{CALLBACK_URL}?")
        given = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        return ProviderAnswer(
            code=given.get("code"), error=given.get("error"), error_description=given.get("error_description")
        )


def sandbox_harness() -> Harness:
    settings = SandboxSettings(public_url=SANDBOX_URL, callback_url=CALLBACK_URL, rate_limit_per_minute=200)
    transport = httpx.ASGITransport(app_of(Sandbox(settings, SystemClock(), None)))
    control = httpx.AsyncClient(transport=transport, base_url=f"{SANDBOX_URL}/__sandbox")
    client = NangoClient(http=transport, host=SANDBOX_URL, secret_key=settings.secret_key, budget=CallBudget())
    integration = settings.login_integration

    async def break_credentials(connection_id: ConnectionId) -> None:
        soon = {"fails": True, "expires_in_seconds": 60}
        (await control.post(f"/connections/{connection_id}/refresh", json=soon)).raise_for_status()

    async def revoke(connection_id: ConnectionId) -> None:
        (await control.post(f"/connections/{connection_id}/revoke")).raise_for_status()

    return Harness(
        authorizations=NangoAuthorizations(client, integration, CALLBACK_URL, Share.START),
        connections=NangoConnections(client, integration, Share.FINISH, PAGE_SIZE),
        accounts=NangoGitHubAccounts(client, integration, Share.FINISH),
        person=SandboxPerson(httpx.AsyncClient(transport=transport, base_url=SANDBOX_URL)),
        integration=integration,
        break_credentials=break_credentials,
        revoke=revoke,
    )
