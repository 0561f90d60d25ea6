"""Data folders for servers of their own, and processes that use them."""

from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from tests.adapters.postgres.users import User, stop_by_force
from tests.databases import database_url, postgres_server, temporary_data_dir

__all__ = ["anyio_backend", "data_dir", "database_url", "postgres_server", "start_user"]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def data_dir() -> Generator[Path]:
    with temporary_data_dir() as folder:
        yield folder
        stop_by_force(folder)


@pytest.fixture
def start_user() -> Generator[Callable[[Path], User]]:
    """Start a process that uses a data folder; all of them are gone after the test."""
    users: list[User] = []

    def start(data_dir: Path) -> User:
        users.append(User(data_dir))
        return users[-1]

    yield start
    for user in users:
        user.kill()
