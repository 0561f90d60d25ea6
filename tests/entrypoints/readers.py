"""The application in memory, with people who may read some repositories, and rows of the replica in it."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import httpx
from litestar import Litestar

from domain.connection import ConnectionId
from domain.grant import Proof, ProofRules, ProofSource
from domain.installation import AccountType, Installation, InstallationId, InstallationState, RepositorySelection
from domain.repository import Permission, Repository, RepositoryId, Visibility
from domain.session import Principal
from domain.sync import Sync, SyncId, SyncKey
from domain.user import GitHubAccount, User
from entrypoints.container import Container
from entrypoints.http.app import create_app
from entrypoints.settings import Settings
from tests.builders import ADA, GRACE, a_session, a_user
from tests.fakes.clock import NOON, FakeClock
from tests.fakes.syncs import StoredSync
from tests.fakes.tables import StoredGrant, StoredRepository, Tables
from tests.fakes.unit_of_work import BeginInMemoryWork
from tests.replicated import ROCKET

SETTINGS: Final = Settings(nango_secret_key="key", jwt_secret="a secret of at least thirty-two characters")
RULES: Final = ProofRules(lifetime=timedelta(days=1), grace=timedelta(days=1))
ACME: Final = InstallationId(5001)
OTHER: Final = InstallationId(5002)
SECRET: Final = RepositoryId(9002)


class Readers:
    """Ada may see `ROCKET` of Acme's, and Grace, who is nobody to her, `SECRET` of another installation."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self._work = BeginInMemoryWork()
        self.container = Container(settings=SETTINGS, conninfo="dbname=nowhere")
        for name, instead in {"pool": nullcontext(), "begin_work": self._work, "clock": self.clock}.items():
            self.container.providers[name].override(instead)  # pyright: ignore[reportUnknownMemberType]
        self.app: Final[Litestar] = create_app(self.container)
        self._people: dict[int, User] = {}
        self.begin_anew()

    def begin_anew(self) -> None:
        """Leave only who and what was there in the beginning: making the application takes longer than most tests."""
        self._work.tables, self.clock.time = Tables(), NOON
        for account, installation_id, repository_id in ((ADA, ACME, ROCKET), (GRACE, OTHER, SECRET)):
            self._install(installation_id)
            self._grant(account, installation_id, repository_id)

    @property
    def tables(self) -> Tables:
        return self._work.tables

    def headers(self, account: GitHubAccount = ADA) -> dict[str, str]:
        """Sign somebody in, and return what goes with each of their requests."""
        user, now = self._people[account.id], self.clock.now()
        session = a_session(user, at=now)
        self.tables.sessions[session.id] = session
        principal = Principal(user_id=user.id, session_id=session.id)
        return {"Authorization": f"Bearer {self.container.access_tokens().issue(principal, now)}"}

    def outlive_proofs(self) -> None:
        """Let the time pass for which the proofs count."""
        self.clock.advance(RULES.lifetime)

    def suspend(self) -> None:
        """Suspend Acme's installation."""
        self.tables.installations[ACME] = self.tables.installations[ACME].suspended(self.clock.now())

    def resume(self) -> None:
        self.tables.installations[ACME] = self.tables.installations[ACME].active(self.clock.now())

    def revoke(self) -> None:
        """Take Ada's grant."""
        del self.tables.grants[self._people[ADA.id].id, ROCKET]

    def sync(self, model: str, **values: Any) -> None:  # noqa: ANN401 - of a `Sync`
        """Have a sync of Acme's that stands like this, and was told of `ROCKET` long ago."""
        sync_id = SyncId(len(self.tables.syncs) + 1)
        key = SyncKey(connection_id=ConnectionId("acme"), model=model)
        sync = Sync(id=sync_id, key=key, installation_id=ACME, due_at=self.clock.now() + timedelta(hours=1))
        self.tables.syncs[sync_id] = StoredSync(sync=replace(sync, **values))
        self.tables.told_repositories[ACME, ROCKET] = NOON - timedelta(days=9)

    def _install(self, installation_id: InstallationId) -> None:
        self.tables.installations[installation_id] = Installation(
            id=installation_id,
            account_id=installation_id,
            account=f"account-{installation_id}",
            account_type=AccountType.ORGANIZATION,
            selection=RepositorySelection.ALL,
            state=InstallationState.ACTIVE,
            checked_at=self.clock.now(),
        )

    def _grant(self, account: GitHubAccount, installation_id: InstallationId, repository_id: RepositoryId) -> None:
        now, tables = self.clock.now(), self.tables
        user = self._people[account.id] = a_user(account, now)
        repository = Repository(
            id=repository_id,
            owner_id=installation_id,
            owner=f"account-{installation_id}",
            name=f"repository-{repository_id}",
            visibility=Visibility.PRIVATE,
            is_archived=False,
            default_branch="main",
            url=f"https://github.test/account-{installation_id}/repository-{repository_id}",
        )
        tables.users[user.id] = user
        tables.repositories[repository_id] = StoredRepository(
            repository=repository, installation_id=installation_id, read_at=now
        )
        tables.proofs[user.id, installation_id] = Proof.of(user.id, installation_id, ProofSource.LINK, now, RULES)
        tables.grants[user.id, repository_id] = StoredGrant(
            installation_id=installation_id, permission=Permission.WRITE
        )


def problem_of(answer: httpx.Response) -> tuple[int, str, str]:
    """Return status, code and words of a problem."""
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.text
    return answer.status_code, answer.json()["code"], answer.json()["detail"]
