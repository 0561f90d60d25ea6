"""Where a test puts rows of the replica that `begin_work` sees."""

from datetime import datetime
from typing import Protocol

from psycopg_pool import AsyncConnectionPool

from domain.replica import Commit, Issue, PullRequest
from tests.fakes.unit_of_work import BeginInMemoryWork
from tests.replicated import put_in_memory, put_in_postgres


class ReplicaRows(Protocol):
    async def put(
        self, *items: PullRequest | Issue | Commit, deleted_at: datetime | None = None, branch: str | None = None
    ) -> None: ...


class InMemoryRows(ReplicaRows):
    def __init__(self, begin_work: BeginInMemoryWork) -> None:
        self._tables = begin_work.tables

    async def put(
        self, *items: PullRequest | Issue | Commit, deleted_at: datetime | None = None, branch: str | None = None
    ) -> None:
        for item in items:
            put_in_memory(self._tables, item, deleted_at, branch)


class PostgresRows(ReplicaRows):
    def __init__(self, pool: AsyncConnectionPool) -> None:
        self._pool = pool

    async def put(
        self, *items: PullRequest | Issue | Commit, deleted_at: datetime | None = None, branch: str | None = None
    ) -> None:
        async with self._pool.connection() as connection:
            for item in items:
                await put_in_postgres(connection, item, deleted_at, branch)
