"""Imports of installations into the fake Nango."""

from dataclasses import dataclass
from typing import Final

from application.ports.installation_imports import InstallationImports
from domain.connection import ConnectionId
from domain.errors import ConnectionBroken
from domain.installation import InstallationId, connection_of, holder_of
from domain.user import GitHubAccount, GitHubId
from tests.fakes.nango.github import FakeGitHub
from tests.fakes.nango.model import FakeConnection

APP: Final = GitHubAccount(id=GitHubId(1), login="latchkey[bot]", name=None, email=None, avatar_url=None)


@dataclass(frozen=True, slots=True)
class FakeInstallationImports(InstallationImports):
    github: FakeGitHub

    async def make(self, installation_id: InstallationId) -> ConnectionId:
        with self.github.called("make"):
            installation = self.github.installations.get(installation_id)
            if installation is None or not installation.is_active:
                raise ConnectionBroken("GitHub gives no token for the installation")
            nango, holder = self.github.links, holder_of(installation_id)
            made = FakeConnection(
                id=connection_of(installation_id),
                account=APP,
                end_user_id=holder,
                tagged_end_user_id=holder,
                integration=nango.integration,
                config_keys=frozenset({"app_id", "installation_id", "jwtToken"}),
                has_client_override=False,
                authorized_at=nango.now,
                claims=installation_id,
                has_lost_person=True,
            )
            nango.connections[made.id] = made
            return made.id
