"""What every test may ask for."""

import pytest

from tests.databases import add_postgres_option, database_url, postgres_server

__all__ = ["database_url", "postgres_server"]


def pytest_addoption(parser: pytest.Parser) -> None:
    add_postgres_option(parser)
    parser.addoption("--torture", action="store_true", help="run the tests of tests/torture at their full size")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"
