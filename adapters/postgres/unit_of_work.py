"""A unit of work is one connection for a while, and one transaction if it is atomic."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, nullcontext

import psycopg
from psycopg_pool import AsyncConnectionPool

from adapters.postgres.access_checks import PostgresAccessChecks
from adapters.postgres.approval_requests import PostgresApprovalRequests
from adapters.postgres.attempts import PostgresAttempts
from adapters.postgres.commits import PostgresCommits
from adapters.postgres.connections import PostgresConnections
from adapters.postgres.deliveries import PostgresDeliveries
from adapters.postgres.grants import PostgresGrants
from adapters.postgres.installation_connections import PostgresInstallationConnections
from adapters.postgres.installations import PostgresInstallations
from adapters.postgres.issues import PostgresIssues
from adapters.postgres.pool import AWAY, said_when_away
from adapters.postgres.pull_requests import PostgresPullRequests
from adapters.postgres.reconcile_runs import PostgresReconcileRuns
from adapters.postgres.replica import PostgresReplica
from adapters.postgres.replicated_repositories import PostgresReplicatedRepositories
from adapters.postgres.repositories import PostgresRepositories
from adapters.postgres.rereads import PostgresRereads
from adapters.postgres.sessions import PostgresSessions
from adapters.postgres.sign_in_codes import PostgresSignInCodes
from adapters.postgres.sync_scopes import PostgresSyncScopes
from adapters.postgres.syncs import PostgresSyncs
from adapters.postgres.users import PostgresUsers
from application.ports.readiness import Readiness
from application.ports.unit_of_work import BeginWork, UnitOfWork
from domain.errors import UpstreamUnavailable


class BeginPostgresWork(BeginWork):
    """A database that is away, or a pool that is exhausted, is `UpstreamUnavailable`: our failure, said as such."""

    def __init__(self, pool: AsyncConnectionPool) -> None:
        self._pool = pool

    @asynccontextmanager
    async def __call__(self, *, atomic: bool = True) -> AsyncGenerator[UnitOfWork, None]:
        with said_when_away():
            # Connections are autocommit, as a job queue wants them; the block is the transaction.
            async with self._pool.connection() as connection, connection.transaction() if atomic else nullcontext():
                yield UnitOfWork(
                    users=PostgresUsers(connection),
                    attempts=PostgresAttempts(connection),
                    connections=PostgresConnections(connection),
                    sessions=PostgresSessions(connection),
                    sign_in_codes=PostgresSignInCodes(connection),
                    deliveries=PostgresDeliveries(connection),
                    reconcile_runs=PostgresReconcileRuns(connection),
                    installations=PostgresInstallations(connection),
                    installation_connections=PostgresInstallationConnections(connection),
                    repositories=PostgresRepositories(connection),
                    grants=PostgresGrants(connection),
                    access_checks=PostgresAccessChecks(connection),
                    approval_requests=PostgresApprovalRequests(connection),
                    rereads=PostgresRereads(connection),
                    syncs=PostgresSyncs(connection),
                    sync_scopes=PostgresSyncScopes(connection),
                    replica=PostgresReplica(connection),
                    replicated_repositories=PostgresReplicatedRepositories(connection),
                    pull_requests=PostgresPullRequests(connection),
                    issues=PostgresIssues(connection),
                    commits=PostgresCommits(connection),
                )


class PostgresReadiness(Readiness):
    def __init__(self, pool: AsyncConnectionPool) -> None:
        self._pool = pool

    async def check(self) -> None:
        try:
            async with self._pool.connection(timeout=2) as connection:
                await connection.execute("SELECT FROM users LIMIT 0")
        except (*AWAY, psycopg.Error) as error:
            raise UpstreamUnavailable("the database cannot be used, or is not migrated") from error
