"""GitHub, as a person's own token sees it, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from application.ports.personal_access import PersonalAccess, Viewpoint
from domain.errors import AccessNotReadable, ConnectionBroken, InstallationSuspended
from domain.grant import ProofSource
from domain.installation import Installation, InstallationId
from domain.repository import Permission, Repository, RepositoryId, SeenRepository, Visibility
from domain.user import GitHubAccount
from tests.fakes.nango.github import FakeGitHub


@dataclass(frozen=True, slots=True)
class FakePersonalAccess(PersonalAccess):
    github: FakeGitHub

    async def person(self, viewpoint: Viewpoint) -> GitHubAccount:
        with self.github.called("person"):
            return self._person(viewpoint)

    async def installations(self, viewpoint: Viewpoint) -> Sequence[Installation]:
        with self.github.called("installations"):
            person = self._app_user(viewpoint)
            return [
                self.github.shown(installation)
                for installation_id, installation in sorted(self.github.installations.items())
                if installation.account_id == person.id
                or (installation.account, person.id) in self.github.owners
                or any(self._reached(person, installation_id))
            ]

    async def repositories(self, viewpoint: Viewpoint, installation_id: InstallationId) -> Sequence[SeenRepository]:
        with self.github.called("seen_repositories"):
            reached = self._reached(self._app_user(viewpoint), installation_id)
            if reached and not self.github.installations[installation_id].is_active:
                raise InstallationSuspended("the installation is suspended")
            return reached

    async def repository(self, viewpoint: Viewpoint, repository_id: RepositoryId) -> SeenRepository | None:
        with self.github.called("seen_repository"):
            person, repository = self._person(viewpoint), self.github.repositories.get(repository_id)
            return None if repository is None else self._seen(person, repository)

    def _reached(self, person: GitHubAccount, installation_id: InstallationId) -> list[SeenRepository]:
        """List what of an installation was given to the person, which being public is not."""
        return [
            SeenRepository(repository=repository, permission=permission)
            for repository in self.github.covered(installation_id)
            if (permission := self.github.permission(person.id, repository.id)) is not None
        ]

    def _seen(self, person: GitHubAccount, repository: Repository) -> SeenRepository | None:
        permission = self.github.permission(person.id, repository.id)
        if permission is None and repository.visibility is Visibility.PUBLIC:
            permission = Permission.READ
        return None if permission is None else SeenRepository(repository=repository, permission=permission)

    def _app_user(self, viewpoint: Viewpoint) -> GitHubAccount:
        if viewpoint.source is ProofSource.LOGIN and not self.github.is_login_the_apps:
            raise AccessNotReadable("the token is not one of the GitHub App")
        return self._person(viewpoint)

    def _person(self, viewpoint: Viewpoint) -> GitHubAccount:
        found = self.github.personal(viewpoint.source, viewpoint.connection_id)
        if viewpoint.is_installation and found.has_lost_person:
            raise ConnectionBroken("Nango kept no token of the person")
        if found.claims is not None and not viewpoint.is_installation:
            raise AccessNotReadable("the connection's token is the installation's")
        login = self.github.people.get(found.account.id, found.account.login)
        return replace(found.account, login=login)
