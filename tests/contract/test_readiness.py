"""What every `Readiness` does."""

import pytest

from adapters.postgres.pool import create_pool
from adapters.postgres.unit_of_work import BeginPostgresWork, PostgresReadiness
from domain.errors import UpstreamUnavailable
from tests.databases import PostgresServer
from tests.fakes.readiness import FakeReadiness


async def test_the_fake_is_ready_as_the_test_wants() -> None:
    readiness = FakeReadiness()
    await readiness.check()

    readiness.is_ready = False
    with pytest.raises(UpstreamUnavailable):
        await readiness.check()


@pytest.mark.postgres
async def test_a_migrated_database_is_ready(database_url: str) -> None:
    async with create_pool(database_url, max_size=1) as pool:
        await PostgresReadiness(pool).check()


@pytest.mark.postgres
async def test_a_database_without_tables_is_not_ready(postgres_server: PostgresServer) -> None:
    async with create_pool(postgres_server.create_database(), max_size=1) as pool:
        with pytest.raises(UpstreamUnavailable):
            await PostgresReadiness(pool).check()


@pytest.mark.postgres
async def test_a_closed_pool_is_our_failure_and_not_a_bug(database_url: str) -> None:
    async with create_pool(database_url, max_size=1) as pool:
        pass

    with pytest.raises(UpstreamUnavailable):
        await PostgresReadiness(pool).check()
    with pytest.raises(UpstreamUnavailable):
        async with BeginPostgresWork(pool)():
            pass
