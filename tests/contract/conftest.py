"""The stores, in memory and in PostgreSQL."""

from collections.abc import AsyncGenerator

import pytest
from psycopg_pool import AsyncConnectionPool

from adapters.postgres.delivery_intake import PostgresDeliveryIntake
from adapters.postgres.pool import create_pool
from adapters.postgres.unit_of_work import BeginPostgresWork
from application.ports.delivery_intake import DeliveryIntake
from application.ports.unit_of_work import BeginWork
from tests.contract.replica_rows import InMemoryRows, PostgresRows, ReplicaRows
from tests.fakes.delivery_intake import InMemoryDeliveryIntake
from tests.fakes.unit_of_work import BeginInMemoryWork


@pytest.fixture
async def pool(database_url: str) -> AsyncGenerator[AsyncConnectionPool, None]:
    async with create_pool(database_url, max_size=10) as pool:
        yield pool


@pytest.fixture(params=["in_memory", pytest.param("postgres", marks=pytest.mark.postgres)])
def begin_work(request: pytest.FixtureRequest) -> BeginWork:
    if request.param == "in_memory":
        return BeginInMemoryWork()
    return BeginPostgresWork(request.getfixturevalue("pool"))


@pytest.fixture
def intake(request: pytest.FixtureRequest, begin_work: BeginWork) -> DeliveryIntake:
    """Where what `begin_work` sees comes in."""
    if isinstance(begin_work, BeginInMemoryWork):
        return InMemoryDeliveryIntake(begin_work)
    return PostgresDeliveryIntake(request.getfixturevalue("pool"))


@pytest.fixture
def rows(request: pytest.FixtureRequest, begin_work: BeginWork) -> ReplicaRows:
    """Where a test puts what `begin_work` reads of the replica."""
    if isinstance(begin_work, BeginInMemoryWork):
        return InMemoryRows(begin_work)
    return PostgresRows(request.getfixturevalue("pool"))
