"""The fakes of GitHub's access on the small world."""

from dataclasses import dataclass, replace

from application.ports.personal_access import Viewpoint
from domain.connection import ConnectionId, EndUserId
from domain.contents import ChangedFile, PullRequestDetails
from domain.grant import ProofSource
from domain.installation import AccountType
from domain.repository import Permission, RepositoryId, Visibility
from domain.user import GitHubAccount
from tests.adapters.nango.github_harness import (
    ADA,
    ATLAS,
    BEACON,
    FILES,
    GARDEN,
    GRACE,
    HANDBOOK,
    INSTALLATION,
    NOTES,
    ORGANIZATION,
    SAM,
    GitHubHarness,
    Trouble,
    Way,
)
from tests.fakes.clock import NOON
from tests.fakes.installation_access import FakeInstallationAccess
from tests.fakes.installation_imports import FakeInstallationImports
from tests.fakes.nango.github import FakeGitHub
from tests.fakes.nango.provider_connections import FakeProviderConnections
from tests.fakes.personal_access import FakePersonalAccess
from tests.fakes.repository_contents import FakeRepositoryContents


@dataclass(frozen=True, slots=True)
class FakeTrouble(Trouble):
    github: FakeGitHub
    contents: FakeRepositoryContents

    async def suspend(self) -> None:
        self.github.suspend(INSTALLATION)

    async def uninstall(self) -> None:
        self.github.uninstall(INSTALLATION)

    async def rename(self, person: GitHubAccount, login: str) -> None:
        self.github.people[person.id] = login

    async def revoke(self, viewpoint: Viewpoint) -> None:
        nango = self.github.logins if viewpoint.source is ProofSource.LOGIN else self.github.links
        nango.connections[viewpoint.connection_id].is_revoked = True

    async def break_credentials(self, connection_id: ConnectionId) -> None:
        self.github.links.connections[connection_id].is_broken = True

    async def withhold(self, permission: str) -> None:
        self.contents.lacks.add(permission.replace("_", " "))
        self.github.may_read_members = permission != "members"

    async def add_repositories(self, count: int) -> None:
        for number in range(count):
            self.github.create(1_000_000 + number, INSTALLATION)

    async def write(self, repository_id: RepositoryId, path: str, content: bytes) -> None:
        self.contents.files[repository_id, path] = content

    async def archive(self, repository_id: RepositoryId) -> None:
        self.github.repositories[repository_id] = replace(self.github.repositories[repository_id], is_archived=True)


def small_world() -> FakeGitHub:
    github = FakeGitHub()
    github.install(INSTALLATION, ORGANIZATION, account_id=9_100_001)
    github.create(ATLAS, INSTALLATION, "atlas", visibility=Visibility.PUBLIC)
    github.create(BEACON, INSTALLATION, "beacon")
    github.create(HANDBOOK, INSTALLATION, "handbook")
    own = github.install(1, SAM.login, account_id=SAM.id, account_type=AccountType.USER)
    github.create(NOTES, own, "notes")
    github.create(GARDEN, own, "garden", visibility=Visibility.PUBLIC)
    github.uninstall(own)
    del github.selected[HANDBOOK]
    github.own(ADA, ORGANIZATION)
    github.give(GRACE, Permission.WRITE, BEACON)
    github.give(GRACE, Permission.READ, ATLAS)
    github.give(SAM, Permission.READ, ATLAS)
    return github


def legend() -> PullRequestDetails:
    return PullRequestDetails(
        number=2,
        title="Add a legend",
        body="Closes #1.",
        author=ADA.login,
        state="open",
        is_draft=False,
        is_merged=False,
        head="legend",
        base="main",
        url="https://github.com/northwind-labs/atlas/pull/2",
        created_at=NOON,
        updated_at=NOON,
        changed_files=2,
        files=[_changed("README.md", "modified", 2, 1), _changed("docs/legend.md", "added", 12, 0)],
    )


def _changed(path: str, status: str, additions: int, deletions: int) -> ChangedFile:
    return ChangedFile(
        path=path,
        previous_path=None,
        status=status,
        additions=additions,
        deletions=deletions,
        patch="@@ -0,0 +1 @@\n+made up",
    )


def fake_github_harness() -> GitHubHarness:
    github = small_world()
    contents = FakeRepositoryContents(
        github, files={**FILES}, pull_requests={(ATLAS, 2): legend()}, issues={(ATLAS, 1)}
    )

    async def connect(person: GitHubAccount, way: Way) -> Viewpoint:
        nango = github.logins if way is Way.LOGIN else github.links
        connection_id = nango.connect(EndUserId("somebody"), github.person(person))
        nango.connections[connection_id].claims = INSTALLATION if way is Way.INSTALLED else None
        return Viewpoint(connection_id=connection_id, source=way.source, is_installation=way is Way.INSTALLED)

    async def lose(viewpoint: Viewpoint) -> None:
        github.links.connections[viewpoint.connection_id].has_lost_person = True

    async def connect_oauth_app(person: GitHubAccount) -> Viewpoint:
        github.is_login_the_apps = False
        return await connect(person, Way.LOGIN)

    def comments(repository_id: RepositoryId) -> list[str]:
        return [one.body for one in contents.comments if one.repository_id == repository_id]

    return GitHubHarness(
        personal=FakePersonalAccess(github),
        installed=FakeInstallationAccess(github),
        imports=FakeInstallationImports(github),
        contents=contents,
        connections=FakeProviderConnections(github.links),
        trouble=FakeTrouble(github, contents),
        connect=connect,
        lose=lose,
        connect_oauth_app=connect_oauth_app,
        comments=comments,
    )
