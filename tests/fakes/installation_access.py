"""GitHub, as the token of an installation sees it, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.installation_access import InstallationAccess
from domain.connection import ConnectionId
from domain.errors import UpstreamUnavailable
from domain.installation import Installation, InstallationId
from domain.repository import Permission, Repository, RepositoryId, Visibility
from domain.user import GitHubId
from tests.fakes.nango.github import FakeGitHub


@dataclass(frozen=True, slots=True)
class FakeInstallationAccess(InstallationAccess):
    github: FakeGitHub

    async def repositories(self, connection_id: ConnectionId) -> Sequence[Repository]:
        with self.github.called("repositories"):
            return self.github.covered(self.github.installation_of(connection_id))

    async def about(self, connection_id: ConnectionId, installation_id: InstallationId) -> Installation | None:
        with self.github.called("repositories"):
            covered = self.github.covered(self.github.installation_of(connection_id))
            return self.github.shown(self.github.installations[installation_id]) if covered else None

    async def repository(self, connection_id: ConnectionId, repository_id: RepositoryId) -> Repository | None:
        with self.github.called("repository"):
            covered = self.github.covered(self.github.installation_of(connection_id))
            return next((repository for repository in covered if repository.id == repository_id), None)

    async def check(self, connection_id: ConnectionId) -> None:
        with self.github.called("check"):
            self.github.installation_of(connection_id)

    async def login_of(self, connection_id: ConnectionId, github_id: GitHubId) -> str | None:
        with self.github.called("login_of"):
            self.github.installation_of(connection_id)
            return self.github.people.get(github_id)

    async def permission_of(
        self, connection_id: ConnectionId, repository_id: RepositoryId, login: str
    ) -> tuple[GitHubId, Permission] | None:
        with self.github.called("permission_of"):
            installation_id = self.github.installation_of(connection_id)
            repository = self.github.repositories.get(repository_id)
            is_covered = self.github.selected.get(repository_id) == installation_id
            if repository is not None and repository.visibility is Visibility.PUBLIC and not is_covered:
                raise UpstreamUnavailable("the installation may not ask for roles there")
            repository = repository if is_covered else None
            github_id = self._named(login)
            if repository is None or github_id is None:
                return None
            permission = self.github.permission(github_id, repository_id)
            # GitHub says read of everybody about a public one.
            if permission is None and repository.visibility is Visibility.PUBLIC:
                permission = Permission.READ
            return None if permission is None else (github_id, permission)

    async def is_owner(self, connection_id: ConnectionId, account: str, login: str) -> bool:
        with self.github.called("is_owner"):
            self.github.installation_of(connection_id)
            github_id = self._named(login)
            return self.github.may_read_members and github_id is not None and (account, github_id) in self.github.owners

    def _named(self, login: str) -> GitHubId | None:
        return next((who for who, name in self.github.people.items() if name.lower() == login.lower()), None)
