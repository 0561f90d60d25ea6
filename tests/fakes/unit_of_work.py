"""A database in memory: works on a copy, and keeps it on success."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from application.ports.login_feed import LoginNews
from application.ports.unit_of_work import BeginWork, UnitOfWork
from tests.fakes.access_checks import InMemoryAccessChecks
from tests.fakes.approval_requests import InMemoryApprovalRequests
from tests.fakes.attempts import InMemoryAttempts
from tests.fakes.commits import InMemoryCommits
from tests.fakes.connections import InMemoryConnections
from tests.fakes.deliveries import InMemoryDeliveries
from tests.fakes.grants import InMemoryGrants
from tests.fakes.installation_connections import InMemoryInstallationConnections
from tests.fakes.installations import InMemoryInstallations
from tests.fakes.issues import InMemoryIssues
from tests.fakes.login_feed import FakeLoginFeed
from tests.fakes.pull_requests import InMemoryPullRequests
from tests.fakes.reconcile_runs import InMemoryReconcileRuns
from tests.fakes.replica import InMemoryReplica
from tests.fakes.replicated_repositories import InMemoryReplicatedRepositories
from tests.fakes.repositories import InMemoryRepositories
from tests.fakes.rereads import InMemoryRereads
from tests.fakes.sessions import InMemorySessions
from tests.fakes.sign_in_codes import InMemorySignInCodes
from tests.fakes.sync_scopes import InMemorySyncScopes
from tests.fakes.syncs import InMemorySyncs
from tests.fakes.tables import Tables
from tests.fakes.users import InMemoryUsers


class BeginInMemoryWork(BeginWork):
    """One work at a time, as if every row were locked."""

    def __init__(self) -> None:
        self.tables = Tables()
        self.login_feed = FakeLoginFeed()
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def __call__(self, *, atomic: bool = True) -> AsyncGenerator[UnitOfWork, None]:
        async with self._lock:
            copy = self.tables.copy() if atomic else self.tables
            news: list[LoginNews] = []
            yield UnitOfWork(
                users=InMemoryUsers(copy.users),
                attempts=InMemoryAttempts(copy.attempts, news),
                connections=InMemoryConnections(copy.connections, copy.rests),
                sessions=InMemorySessions(copy.sessions),
                sign_in_codes=InMemorySignInCodes(copy.sign_in_codes),
                deliveries=InMemoryDeliveries(copy.deliveries),
                reconcile_runs=InMemoryReconcileRuns(copy.reconcile_runs),
                installations=InMemoryInstallations(copy),
                installation_connections=InMemoryInstallationConnections(
                    copy.installation_connections, copy.installation_rests
                ),
                repositories=InMemoryRepositories(copy),
                grants=InMemoryGrants(copy),
                access_checks=InMemoryAccessChecks(copy),
                approval_requests=InMemoryApprovalRequests(copy, news),
                rereads=InMemoryRereads(copy.rereads),
                syncs=InMemorySyncs(copy.syncs, copy.noted),
                sync_scopes=InMemorySyncScopes(copy.sync_scopes, copy.told_repositories),
                replica=InMemoryReplica(copy),
                replicated_repositories=InMemoryReplicatedRepositories(copy),
                pull_requests=InMemoryPullRequests(copy),
                issues=InMemoryIssues(copy),
                commits=InMemoryCommits(copy),
            )
            self.tables = copy
        for one in news:
            self.login_feed.announce(one)
