"""Data folders for servers of their own, and processes that use them."""

import subprocess
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from adapters.postgres.embedded import EmbeddedPostgres
from tests.adapters.postgres.users import User, stop_by_force
from tests.databases import temporary_data_dir


@pytest.fixture
def empty_dir() -> Generator[Path]:
    with temporary_data_dir() as folder:
        yield folder
        stop_by_force(folder)


@pytest.fixture(scope="session")
def made_dir() -> Generator[Path]:
    with temporary_data_dir() as folder:
        with EmbeddedPostgres(folder, durable=False):
            pass  # made, and stopped again
        yield folder


@pytest.fixture
def data_dir(empty_dir: Path, made_dir: Path) -> Path:
    """Return a data folder with a server that was made and stopped: a copy, for that is much faster than making one."""
    subprocess.run(["/bin/cp", "-a", str(made_dir / "postgres"), str(empty_dir)], check=True)  # noqa: S603
    return empty_dir


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
