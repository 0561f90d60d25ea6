"""What every test may ask for."""

import gc
from collections.abc import Generator
from typing import Final

import pytest

from tests.databases import add_postgres_option, database_url, postgres_server

# The last ones of these to begin are over before the many short ones are.
LONG: Final = ("torture", "journeys", "browser", "documents")

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long in few tests, so that at the end of a run in several processes none waits for it."""
    places = {name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.path.parent.name, len(LONG)))


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"
