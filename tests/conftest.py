"""What every test may ask for."""

import gc
from collections.abc import Generator

import pytest

from tests.databases import add_postgres_option, database_url, postgres_server

__all__ = ["database_url", "postgres_server"]


def pytest_addoption(parser: pytest.Parser) -> None:
    add_postgres_option(parser)
    parser.addoption("--torture", action="store_true", help="run the tests of tests/torture at their full size")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep what collecting makes out of the garbage collector, which would look through all of it again and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"
