"""A queue that lost its memory is told again what waits."""

from datetime import timedelta

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from adapters.postgres.delivery_intake import PostgresDeliveryIntake
from adapters.postgres.pool import create_pool
from adapters.postgres.unit_of_work import BeginPostgresWork
from tests.builders import a_delivery
from tests.fakes.clock import NOON

pytestmark = pytest.mark.postgres

SECOND = timedelta(seconds=1)
LATER = NOON + SECOND


async def requeue(pool: AsyncConnectionPool, limit: int = 10) -> int:
    async with BeginPostgresWork(pool)(atomic=False) as work:
        return await work.deliveries.requeue_stranded(LATER, limit)


@pytest.mark.parametrize("loss", ["TRUNCATE pgqueuer", "UPDATE pgqueuer SET status = 'failed'"])
async def test_what_the_queue_forgot_or_gave_up_is_worked_on_again(database_url: str, loss: str) -> None:
    async with create_pool(database_url, max_size=2) as pool:
        intake = PostgresDeliveryIntake(pool)
        for number in range(3):
            await intake.accept(a_delivery({"n": number}))
        await intake.accept(a_delivery({"n": "later"}, at=LATER))
        with psycopg.connect(database_url) as operator:
            operator.execute(loss)  # pyright: ignore[reportArgumentType,reportCallIssue] - one of the two above

        assert [await requeue(pool, limit=2), await requeue(pool), await requeue(pool)] == [2, 1, 0]

        with psycopg.connect(database_url) as operator:
            rows = operator.execute("SELECT count(*) FROM pgqueuer WHERE status = 'queued'").fetchone()
        assert rows == (3,)
