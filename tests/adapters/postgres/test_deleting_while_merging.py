"""Who deletes what nobody uses waits for who merges records, and holds nothing meanwhile that the other needs."""

import asyncio
from typing import Any, Final

import pytest
from psycopg import AsyncConnection

from adapters.postgres.pool import create_pool
from adapters.postgres.unit_of_work import BeginPostgresWork
from domain.connection import ConnectionId
from domain.repository import RepositoryId
from domain.sync import SyncKey
from tests.contract.connecting import ACME, HOUR, a_repository, an_installation
from tests.fakes.clock import NOON
from tests.records import a_commit_record, a_page

pytestmark = pytest.mark.postgres

ROCKET: Final = RepositoryId(9001)
SHA: Final = "6dcb09b5b57875f334f61aebed695e2e4193db5e"
PATIENCE_SECONDS: Final = 5.0
WAITING: Final = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


async def someone_waits(connection: AsyncConnection[Any]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            waiting = await connection.execute(WAITING)
            if waiting.rowcount:
                return


async def test_commits_are_deleted_in_the_order_in_which_they_are_merged(database_url: str) -> None:
    async with create_pool(database_url, max_size=4) as pool:
        begin_work = BeginPostgresWork(pool)
        async with begin_work() as work:
            await work.installations.remember(an_installation(ACME))
            await work.repositories.save(ACME, a_repository(ROCKET, "rocket"), NOON)
            await work.syncs.make(SyncKey(connection_id=ConnectionId("one"), model="Commit"), ACME, NOON, None)
            sync = await work.syncs.claim(NOON, NOON + HOUR)
            assert sync is not None
            await work.replica.merge(sync, a_page(a_commit_record(SHA, "main", NOON)), NOON)
            await work.replicated_repositories.look(NOON)

        async def delete() -> int:
            async with begin_work(atomic=False) as work:
                return await work.replicated_repositories.delete_some(ROCKET, 10)

        async with (
            asyncio.TaskGroup() as tasks,
            pool.connection() as looking,
            pool.connection() as merging,
            merging.transaction(),
        ):
            await merging.execute("SELECT FROM commit_sightings FOR UPDATE")
            deleting = tasks.create_task(delete())
            await someone_waits(looking)
            await merging.execute("SELECT FROM commits FOR UPDATE NOWAIT")
        assert deleting.result() == 1
