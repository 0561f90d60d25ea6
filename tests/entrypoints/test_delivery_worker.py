"""Deliveries are worked on as they come, come again when that is asked, and outlive a lost connection."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from adapters.postgres.delivery_intake import PostgresDeliveryIntake
from adapters.postgres.pool import create_pool
from application.deliveries.process_delivery import DeliveryHeld, DeliveryProcessed
from domain.delivery import DeliveryId, DeliveryKind, DeliveryState
from domain.errors import UpstreamUnavailable
from entrypoints.delivery_worker import DeliveryWorker
from tests.builders import a_delivery

pytestmark = pytest.mark.postgres

BREAK_CONNECTIONS = """
    SELECT pg_terminate_backend(pid)
      FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'latchkey deliveries'
"""


class Process:
    """Stands in for the use case: fails as often as told, and then succeeds."""

    def __init__(self, *failures: Exception | timedelta) -> None:
        self.failures = list(failures)
        self.seen: Counter[DeliveryId] = Counter()
        self.succeeded = asyncio.Semaphore(0)

    async def __call__(self, delivery_id: DeliveryId) -> DeliveryProcessed | None:
        self.seen[delivery_id] += 1
        retry_in = None
        if self.failures:
            failure = self.failures.pop(0)
            if isinstance(failure, Exception):
                raise failure
            retry_in = failure
        else:
            self.succeeded.release()
        return DeliveryProcessed(
            id=delivery_id, kind=DeliveryKind.AUTH, state=DeliveryState.DONE, note="seen", retry_in=retry_in
        )

    async def wait_for(self, count: int) -> None:
        async with asyncio.timeout(20):
            for _ in range(count):
                await self.succeeded.acquire()


@pytest.fixture
async def pool(database_url: str) -> AsyncGenerator[AsyncConnectionPool, None]:
    async with create_pool(database_url, max_size=3) as pool:
        yield pool


@pytest.fixture
def intake(pool: AsyncConnectionPool) -> PostgresDeliveryIntake:
    return PostgresDeliveryIntake(pool)


@asynccontextmanager
async def working(database_url: str, process: Process) -> AsyncGenerator[None, None]:
    worker = DeliveryWorker(
        conninfo=database_url,
        pool=create_pool(database_url, max_size=3),
        lease=timedelta(seconds=30),
        process_delivery=process,
    )
    stop = asyncio.Event()
    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.work(stop))
        try:
            yield
        finally:
            stop.set()


async def accept(intake: PostgresDeliveryIntake, count: int, first: int = 0) -> None:
    async with asyncio.TaskGroup() as tasks:
        for number in range(count):
            tasks.create_task(intake.accept(a_delivery({"n": first + number})))


async def queued(pool: AsyncConnectionPool) -> int:
    async with pool.connection() as connection:
        [(count,)] = await (await connection.execute("SELECT count(*) FROM pgqueuer")).fetchall()
        return int(count)


async def test_what_waits_and_what_comes_is_worked_on_once(
    database_url: str, intake: PostgresDeliveryIntake, pool: AsyncConnectionPool
) -> None:
    process = Process()
    await accept(intake, 50)

    async with working(database_url, process):
        await process.wait_for(50)
        await accept(intake, 60, first=50)
        await process.wait_for(60)

    assert set(process.seen.values()) == {1}
    assert await queued(pool) == 0


@pytest.mark.parametrize(
    "failure",
    [timedelta(0), UpstreamUnavailable("the database is away"), RuntimeError("it could not be held")],
    ids=["later", "away", "bug"],
)
async def test_what_is_to_come_again_comes_again(
    database_url: str,
    intake: PostgresDeliveryIntake,
    failure: Exception | timedelta,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("entrypoints.delivery_worker.DATABASE_PAUSE", timedelta(0))
    monkeypatch.setattr("entrypoints.delivery_worker.BUG_PAUSE", timedelta(0))
    process = Process(failure)
    await accept(intake, 1)

    async with working(database_url, process):
        await process.wait_for(1)

    assert list(process.seen.values()) == [2]


async def test_a_bug_in_one_is_not_repeated_and_stops_no_other(
    database_url: str, intake: PostgresDeliveryIntake, pool: AsyncConnectionPool
) -> None:
    held = DeliveryProcessed(id=DeliveryId(1), kind=DeliveryKind.AUTH, state=DeliveryState.HELD, note="RuntimeError")
    process = Process(DeliveryHeld(held))
    await accept(intake, 3)

    async with working(database_url, process):
        await process.wait_for(2)

    assert list(process.seen.values()) == [1, 1, 1]
    assert await queued(pool) == 0


async def test_two_workers_share_the_work(database_url: str, intake: PostgresDeliveryIntake) -> None:
    process = Process()
    await accept(intake, 100)

    async with working(database_url, process), working(database_url, process):
        await process.wait_for(100)

    assert set(process.seen.values()) == {1}
    assert len(process.seen) == 100


async def test_a_lost_connection_is_made_anew(database_url: str, intake: PostgresDeliveryIntake) -> None:
    process = Process()
    await accept(intake, 1)

    async with working(database_url, process):
        await process.wait_for(1)
        with psycopg.connect(database_url, autocommit=True) as operator:
            operator.execute(BREAK_CONNECTIONS)
        await accept(intake, 5, first=1)
        await process.wait_for(5)
