"""How PostgreSQL takes webhooks in when they are large, when they are given up, and when the database hangs."""

import asyncio
import time
from collections.abc import AsyncGenerator

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from adapters.postgres.delivery_intake import MOST_BYTES_WAITING, PostgresDeliveryIntake
from adapters.postgres.pool import create_pool
from domain.delivery import Json, ReceivedDelivery
from domain.errors import UpstreamUnavailable
from tests.builders import a_delivery
from tests.fakes.clock import NOON

pytestmark = pytest.mark.postgres

MEBIBYTE = 1024 * 1024


@pytest.fixture
async def pool(database_url: str) -> AsyncGenerator[AsyncConnectionPool, None]:
    async with create_pool(database_url, max_size=2) as pool:
        yield pool


def large(size: int) -> ReceivedDelivery:
    body: list[Json] = ['"\\'] * (size // 8)
    return ReceivedDelivery.receive(b" " * size, {"x": body}, {}, NOON)


async def longest_block(task: asyncio.Task[bool]) -> float:
    """Tell how long everybody else was kept waiting at most."""
    longest = 0.0
    while not task.done():
        began = time.monotonic()
        await asyncio.sleep(0)
        longest = max(longest, time.monotonic() - began)
    await task
    return longest


async def test_a_large_one_does_not_stop_everybody_else(pool: AsyncConnectionPool) -> None:
    intake = PostgresDeliveryIntake(pool)

    blocked = await longest_block(asyncio.create_task(intake.accept(large(8 * MEBIBYTE))))

    # As text it took seconds.
    assert blocked < 1.0


async def test_more_than_can_wait_is_refused(pool: AsyncConnectionPool, database_url: str) -> None:
    intake = PostgresDeliveryIntake(pool)
    huge = ReceivedDelivery.receive(b"x" * MEBIBYTE, {"n": 0}, {}, NOON)
    with psycopg.connect(database_url) as operator:
        operator.execute("LOCK TABLE deliveries")
        sent = [asyncio.create_task(intake.accept(huge)) for _ in range(MOST_BYTES_WAITING // MEBIBYTE + 9)]
        await asyncio.sleep(0.1)
        operator.rollback()

    results = await asyncio.gather(*sent, return_exceptions=True)

    assert sum(isinstance(result, UpstreamUnavailable) for result in results) == 9


async def test_what_was_given_up_is_not_stored_and_keeps_no_room(pool: AsyncConnectionPool, database_url: str) -> None:
    intake = PostgresDeliveryIntake(pool)
    with psycopg.connect(database_url) as operator:
        operator.execute("LOCK TABLE deliveries")
        first = asyncio.create_task(intake.accept(a_delivery({"n": 1})))
        await asyncio.sleep(0.1)
        given_up = asyncio.create_task(intake.accept(a_delivery({"n": 2})))
        last = asyncio.create_task(intake.accept(a_delivery({"n": 3})))
        await asyncio.sleep(0.05)
        given_up.cancel()
        operator.rollback()
    await asyncio.gather(first, last)

    async with pool.connection() as connection:
        rows = await (await connection.execute("SELECT body->>'n' FROM deliveries ORDER BY 1")).fetchall()
    assert rows == [("1",), ("3",)]


async def test_a_connection_that_hangs_is_given_up(
    pool: AsyncConnectionPool, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.postgres.delivery_intake.STORE_SECONDS", 0.2)
    intake = PostgresDeliveryIntake(pool)
    with psycopg.connect(database_url) as operator:
        operator.execute("LOCK TABLE deliveries")
        with pytest.raises(UpstreamUnavailable):
            await intake.accept(a_delivery({"n": 1}))
        operator.rollback()

    assert await intake.accept(a_delivery({"n": 1}))


async def test_one_that_cannot_be_stored_takes_no_other_with_it(pool: AsyncConnectionPool) -> None:
    intake = PostgresDeliveryIntake(pool)
    unstorable = ReceivedDelivery(
        kind=a_delivery().kind, body={"x": "\x00"}, body_hash=b"h", size=1, headers={}, received_at=NOON
    )
    tasks = [
        asyncio.create_task(intake.accept(one)) for one in (a_delivery({"n": 1}), unstorable, a_delivery({"n": 2}))
    ]

    results = await asyncio.gather(*tasks, return_exceptions=True)

    assert [isinstance(result, Exception) for result in results] == [False, True, False]
