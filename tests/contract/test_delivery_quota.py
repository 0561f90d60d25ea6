"""What every `DeliveryQuota` does."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from psycopg_pool import AsyncConnectionPool

from adapters.postgres.delivery_quota import PostgresDeliveryQuota
from adapters.postgres.pool import create_pool
from application.ports.delivery_quota import DeliveryQuota
from domain.errors import UpstreamUnavailable
from tests.fakes.clock import NOON
from tests.fakes.delivery_quota import InMemoryDeliveryQuota

QUOTA = 1000
LATE = datetime(2026, 11, 21, 23, 59, 59, tzinfo=UTC)


@pytest.fixture(params=["in_memory", pytest.param("postgres", marks=pytest.mark.postgres)])
async def quotas(request: pytest.FixtureRequest, database_url: str) -> AsyncGenerator[list[DeliveryQuota], None]:
    """One and the same, as two processes see it."""
    if request.param == "in_memory":
        yield [InMemoryDeliveryQuota(QUOTA)] * 2
        return
    async with create_pool(database_url, max_size=5) as one, create_pool(database_url, max_size=5) as other:
        yield [PostgresDeliveryQuota(one, QUOTA), PostgresDeliveryQuota(other, QUOTA)]


async def test_all_of_it_may_be_spent_and_not_a_byte_more(quotas: list[DeliveryQuota]) -> None:
    quota, other = quotas

    assert await quota.spend(600, NOON)
    assert not await other.spend(401, NOON)
    assert await other.spend(400, NOON)
    assert not await quota.spend(1, NOON)


async def test_what_alone_is_too_much_is_refused_on_a_new_day_too(quotas: list[DeliveryQuota]) -> None:
    assert not await quotas[0].spend(QUOTA + 1, NOON)
    assert await quotas[0].spend(QUOTA, NOON)


async def test_the_day_ends_at_midnight_in_utc(quotas: list[DeliveryQuota]) -> None:
    quota, _ = quotas
    elsewhere = timezone(timedelta(hours=5))

    assert await quota.spend(QUOTA, LATE)
    assert not await quota.spend(1, LATE.astimezone(elsewhere))
    assert await quota.spend(QUOTA, LATE + timedelta(seconds=1))


async def test_many_at_once_in_two_processes_never_get_more_than_the_quota(quotas: list[DeliveryQuota]) -> None:
    asked = [quotas[number % 2].spend(70, NOON) for number in range(60)]

    granted = await asyncio.gather(*asked)

    assert granted.count(True) == QUOTA // 70


@pytest.mark.postgres
async def test_a_database_that_is_away_is_our_failure(database_url: str) -> None:
    pool: AsyncConnectionPool = create_pool(database_url, max_size=1)
    async with pool:
        pass

    with pytest.raises(UpstreamUnavailable):
        await PostgresDeliveryQuota(pool, QUOTA).spend(1, NOON)
