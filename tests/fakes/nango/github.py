"""What is behind the fake Nangos: people, installations, repositories, and who may do what there."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Literal, TypeAlias

from application.ports.clock import Clock
from domain.connection import ConnectionId, ConnectionKind
from domain.errors import ConnectionBroken, InstallationGone, InstallationSuspended
from domain.grant import ProofSource
from domain.installation import (
    AccountType,
    Installation,
    InstallationId,
    InstallationState,
    RepositorySelection,
)
from domain.repository import Permission, Repository, RepositoryId, Visibility
from domain.user import GitHubAccount, GitHubId
from tests.fakes.clock import FakeClock
from tests.fakes.nango.model import FakeConnection, FakeNango
from tests.fakes.nango.troubles import Troubles

GitHubMethod: TypeAlias = Literal[
    "person",
    "installations",
    "seen_repositories",
    "seen_repository",
    "repositories",
    "repository",
    "check",
    "login_of",
    "permission_of",
    "is_owner",
    "make",
    "file",
    "pull_request",
    "comment",
]

FIRST_ORGANIZATION_ID: Final = 90_000


def links_nango() -> FakeNango:
    """Make the Nango of the repository integration."""
    return FakeNango(integration="github-app-oauth", kind=ConnectionKind.REPOSITORY)


@dataclass(slots=True, kw_only=True)
class FakeGitHub(Troubles[GitHubMethod]):
    """Change it as the test needs; `logins` and `links` are the two integrations, each with its own connections.

    A person is who authorised a connection (`FakeConnection.account`), under the name they have in `logins_now` if
    they were renamed.
    """

    logins: FakeNango = field(default_factory=FakeNango)
    links: FakeNango = field(default_factory=links_nango)
    clock: Clock = field(default_factory=FakeClock)
    is_login_the_apps: bool = True
    """Whether the login integration is the GitHub App's own client, so that its tokens can list installations."""
    may_read_members: bool = True
    installations: dict[InstallationId, Installation] = field(default_factory=dict[InstallationId, Installation])
    repositories: dict[RepositoryId, Repository] = field(default_factory=dict[RepositoryId, Repository])
    selected: dict[RepositoryId, InstallationId] = field(default_factory=dict[RepositoryId, InstallationId])
    permissions: dict[tuple[GitHubId, RepositoryId], Permission] = field(
        default_factory=dict[tuple[GitHubId, RepositoryId], Permission]
    )
    """What was given to each person; being public gives nobody anything here."""
    owners: set[tuple[str, GitHubId]] = field(default_factory=set[tuple[str, GitHubId]])
    people: dict[GitHubId, str] = field(default_factory=dict[GitHubId, str])
    """The login name that each person has now."""

    def person(self, account: GitHubAccount) -> GitHubAccount:
        """Let somebody exist, or be renamed."""
        self.people[account.id] = account.login
        return account

    def install(
        self,
        installation_id: int,
        account: str = "acme",
        *,
        account_id: int | None = None,
        account_type: AccountType = AccountType.ORGANIZATION,
        selection: RepositorySelection = RepositorySelection.SELECTED,
    ) -> InstallationId:
        made = InstallationId(installation_id)
        self.installations[made] = Installation(
            id=made,
            account_id=FIRST_ORGANIZATION_ID + installation_id if account_id is None else account_id,
            account=account,
            account_type=account_type,
            selection=selection,
            state=InstallationState.ACTIVE,
            checked_at=self.clock.now(),
        )
        return made

    def create(
        self,
        repository_id: int,
        installation_id: InstallationId,
        name: str | None = None,
        *,
        visibility: Visibility = Visibility.PRIVATE,
    ) -> RepositoryId:
        """Make a repository of the installation's account, and select it."""
        made, owner = RepositoryId(repository_id), self.installations[installation_id]
        name = name or f"repository-{repository_id}"
        self.repositories[made] = Repository(
            id=made,
            owner_id=owner.account_id,
            owner=owner.account,
            name=name,
            visibility=visibility,
            is_archived=False,
            default_branch="main",
            url=f"https://github.test/{owner.account}/{name}",
        )
        self.selected[made] = installation_id
        return made

    def give(self, account: GitHubAccount, permission: Permission, *repository_ids: RepositoryId) -> None:
        self.person(account)
        for repository_id in repository_ids:
            self.permissions[account.id, repository_id] = permission

    def take(self, account: GitHubAccount, *repository_ids: RepositoryId) -> None:
        for repository_id in repository_ids:
            self.permissions.pop((account.id, repository_id), None)

    def own(self, account: GitHubAccount, organization: str) -> None:
        """Make somebody an owner of an organisation."""
        self.person(account)
        self.owners.add((organization, account.id))

    def suspend(self, installation_id: InstallationId) -> None:
        self.installations[installation_id] = self.installations[installation_id].suspended(self.clock.now())

    def unsuspend(self, installation_id: InstallationId) -> None:
        installation = self.installations[installation_id]
        self.installations[installation_id] = replace(installation, state=InstallationState.ACTIVE)

    def uninstall(self, installation_id: InstallationId) -> None:
        del self.installations[installation_id]

    def shown(self, installation: Installation) -> Installation:
        return replace(installation, checked_at=self.now)

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def covered(self, installation_id: InstallationId) -> list[Repository]:
        """List what the installation has, in the order of ids."""
        return [
            repository
            for repository_id, repository in sorted(self.repositories.items())
            if self.selected.get(repository_id) == installation_id and installation_id in self.installations
        ]

    def permission(self, github_id: GitHubId, repository_id: RepositoryId) -> Permission | None:
        """Say what was given to somebody; an owner of its organisation administers it."""
        repository = self.repositories[repository_id]
        if repository.owner_id == github_id or (repository.owner, github_id) in self.owners:
            return Permission.ADMIN
        return self.permissions.get((github_id, repository_id))

    def personal(self, source: ProofSource, connection_id: ConnectionId) -> FakeConnection:
        """Find a connection of the integration that a person's proof of that kind comes from."""
        nango = self.logins if source is ProofSource.LOGIN else self.links
        found = nango.find(connection_id)
        if found.is_broken or found.is_revoked:
            raise ConnectionBroken("its token does not work")
        return found

    def installation_of(self, connection_id: ConnectionId) -> InstallationId:
        """Use the token of an installation's connection."""
        found = self.links.find(connection_id)
        if found.is_broken or found.claims is None:
            raise ConnectionBroken("its credentials cannot be refreshed")
        installation = self.installations.get(InstallationId(found.claims))
        if installation is None or found.is_revoked:
            raise InstallationGone("GitHub refuses the installation's token")
        if installation.state is InstallationState.SUSPENDED:
            raise InstallationSuspended("the installation is suspended")
        return installation.id
