"""What every `WorkLog` does."""

import asyncio

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from adapters.pgqueuer.work_log import PgQueuerWorkLog
from adapters.postgres.delivery_intake import PostgresDeliveryIntake
from domain.errors import UpstreamUnavailable
from tests.builders import a_delivery
from tests.fakes.work_log import FakeWorkLog


async def entries(pool: AsyncConnectionPool) -> int:
    async with pool.connection() as connection:
        [(count,)] = await (await connection.execute("SELECT count(*) FROM pgqueuer_log")).fetchall()
        return int(count)


async def test_the_fake_forgets_all_of_it() -> None:
    work_log = FakeWorkLog()
    work_log.entries = 7

    await work_log.clear()

    assert work_log.entries == 0


@pytest.mark.postgres
async def test_what_the_queue_noted_is_forgotten_and_what_waits_still_waits(pool: AsyncConnectionPool) -> None:
    await PostgresDeliveryIntake(pool).accept(a_delivery())
    assert await entries(pool) > 0

    for _ in range(2):
        await PgQueuerWorkLog(pool).clear()

    assert await entries(pool) == 0
    async with pool.connection() as connection:
        assert await (await connection.execute("SELECT count(*) FROM pgqueuer")).fetchall() == [(1,)]


@pytest.mark.postgres
async def test_while_somebody_reads_it_nobody_is_held_up(pool: AsyncConnectionPool, database_url: str) -> None:
    await PostgresDeliveryIntake(pool).accept(a_delivery({"n": 1}))
    with psycopg.connect(database_url) as backup:
        backup.execute("SELECT count(*) FROM pgqueuer_log")

        async with asyncio.timeout(3), asyncio.TaskGroup() as tasks:
            tasks.create_task(PgQueuerWorkLog(pool).clear())
            tasks.create_task(PostgresDeliveryIntake(pool).accept(a_delivery({"n": 2})))

    assert await entries(pool) > 0


@pytest.mark.postgres
async def test_a_closed_pool_is_our_failure(pool: AsyncConnectionPool) -> None:
    await pool.close()

    with pytest.raises(UpstreamUnavailable):
        await PgQueuerWorkLog(pool).clear()
