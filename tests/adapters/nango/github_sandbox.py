"""The adapters of GitHub's access on the sandbox, whose seeded world is the one of the fake."""

from dataclasses import dataclass
from typing import Any, cast
from uuid import uuid4

import httpx

from adapters.nango.app import NangoApp
from adapters.nango.budget import CallBudget, Share
from adapters.nango.client import NangoClient
from adapters.nango.connections import NangoConnections
from adapters.nango.installation_access import NangoInstallationAccess
from adapters.nango.installation_imports import NangoInstallationImports
from adapters.nango.personal_access import NangoPersonalAccess
from adapters.nango.repository_contents import NangoRepositoryContents
from application.ports.personal_access import Viewpoint
from domain.connection import ConnectionId, ConnectionKind
from domain.grant import ProofSource
from domain.repository import RepositoryId
from domain.user import GitHubAccount
from entrypoints.sandbox.clock import SystemClock
from entrypoints.sandbox.nango.app_tokens import app_credentials
from entrypoints.sandbox.nango.state import Credentials
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.settings import SandboxSettings
from tests.adapters.nango.github_harness import INSTALLATION, ORGANIZATION, GitHubHarness, Trouble, Way
from tests.sandbox.served import app_of

SANDBOX_URL = "http://sandbox.test"


@dataclass(frozen=True, slots=True)
class SandboxTrouble(Trouble):
    sandbox: Sandbox
    control: httpx.AsyncClient

    async def suspend(self) -> None:
        (await self.control.post(f"/installations/{INSTALLATION}/suspend", json={})).raise_for_status()

    async def uninstall(self) -> None:
        (await self.control.delete(f"/installations/{INSTALLATION}")).raise_for_status()

    async def rename(self, person: GitHubAccount, login: str) -> None:
        (await self.control.patch(f"/people/{person.id}", json={"login": login})).raise_for_status()

    async def revoke(self, viewpoint: Viewpoint) -> None:
        for connection in self.sandbox.nango.connections.values():
            if connection.connection_id == viewpoint.connection_id:
                self.sandbox.tokens.revoke(connection.credentials.access_token)
                kept = cast("dict[str, str]", connection.connection_config.get("userCredentials") or {})
                self.sandbox.tokens.revoke(kept.get("access_token", ""))

    async def break_credentials(self, connection_id: ConnectionId) -> None:
        soon = {"fails": True, "expires_in_seconds": 60}
        (await self.control.post(f"/connections/{connection_id}/refresh", json=soon)).raise_for_status()

    async def withhold(self, permission: str) -> None:
        (await self.control.patch("/conditions", json={"withheld_permissions": [permission]})).raise_for_status()

    async def add_repositories(self, count: int) -> None:
        added = {"owner": ORGANIZATION, "name": "more", "count": count}
        (await self.control.post("/repositories", json=added)).raise_for_status()
        everything = {"repositories": "all"}
        (await self.control.put(f"/installations/{INSTALLATION}/repositories", json=everything)).raise_for_status()

    async def write(self, repository_id: RepositoryId, path: str, content: bytes) -> None:
        self.sandbox.world.repositories[repository_id].files[path] = content

    async def archive(self, repository_id: RepositoryId) -> None:
        (await self.control.patch(f"/repositories/{repository_id}", json={"archived": True})).raise_for_status()


@dataclass(frozen=True, slots=True)
class Connecting:
    """Puts connections into the sandbox's Nango as its callbacks would."""

    sandbox: Sandbox
    settings: SandboxSettings

    async def connect(self, person: GitHubAccount, way: Way) -> Viewpoint:
        is_installation = way is Way.INSTALLED
        key = self.settings.login_integration if way is Way.LOGIN else self.settings.repository_integration
        own = Credentials(type="OAUTH2", access_token=self._token(person, "", 28_800), raw={})
        connection_id = str(uuid4())
        credentials = app_credentials(self.sandbox, str(INSTALLATION)) if is_installation else own
        connection = self.sandbox.nango.add_connection(key, connection_id, credentials, self.sandbox.now())
        if is_installation:
            kept = {"type": "OAUTH2", "access_token": own.access_token}
            config: dict[str, Any] = {"installation_id": str(INSTALLATION), "userCredentials": kept}
            self.sandbox.nango.configure(connection, config)
        return Viewpoint(connection_id=ConnectionId(connection_id), source=way.source, is_installation=is_installation)

    async def lose(self, viewpoint: Viewpoint) -> None:
        key = self.settings.repository_integration
        connection = self.sandbox.nango.connections[key, viewpoint.connection_id]
        self.sandbox.nango.configure(connection, {"installation_id": str(INSTALLATION)})

    async def connect_oauth_app(self, person: GitHubAccount) -> Viewpoint:
        connection_id, key = str(uuid4()), self.settings.login_integration
        credentials = Credentials(type="OAUTH2", access_token=self._token(person, "read:user", None), raw={})
        self.sandbox.nango.add_connection(key, connection_id, credentials, self.sandbox.now())
        return Viewpoint(connection_id=ConnectionId(connection_id), source=ProofSource.LOGIN)

    def _token(self, person: GitHubAccount, scope: str, seconds: int | None) -> str:
        return self.sandbox.tokens.issue_for_person(person.id, scope, self.sandbox.now(), seconds).value


def sandbox_github_harness() -> GitHubHarness:
    settings = SandboxSettings(public_url=SANDBOX_URL, rate_limit_per_minute=None)
    sandbox = Sandbox(settings, SystemClock(), None)
    transport = httpx.ASGITransport(app_of(sandbox))
    client = NangoClient(http=transport, host=SANDBOX_URL, secret_key=settings.secret_key, budget=CallBudget())
    key, connecting = settings.repository_integration, Connecting(sandbox, settings)
    known_app = NangoApp(client=client, integration=key)

    def comments(repository_id: RepositoryId) -> list[str]:
        return [comment.body for comment in sandbox.world.repositories[repository_id].comments]

    return GitHubHarness(
        personal=NangoPersonalAccess(
            client=client,
            login_integration=settings.login_integration,
            repository_integration=key,
            app=known_app,
            share=Share.FINISH,
        ),
        installed=NangoInstallationAccess(client=client, integration=key, share=Share.FINISH),
        imports=NangoInstallationImports(client=client, integration=key, app=known_app, share=Share.FINISH),
        contents=NangoRepositoryContents(client=client, integration=key, share=Share.FINISH),
        connections=NangoConnections(client, key, Share.FINISH, kind=ConnectionKind.REPOSITORY),
        trouble=SandboxTrouble(sandbox, httpx.AsyncClient(transport=transport, base_url=f"{SANDBOX_URL}/__sandbox")),
        connect=connecting.connect,
        lose=connecting.lose,
        connect_oauth_app=connecting.connect_oauth_app,
        comments=comments,
    )
