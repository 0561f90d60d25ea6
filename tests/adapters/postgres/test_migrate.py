"""Migrations are applied once each, in order, by one process at a time, and never to a database that does not fit."""

from collections.abc import Generator
from pathlib import Path

import anyio
import psycopg
import pytest

from adapters.postgres.migrate import MigrationRefused, migrate
from tests.databases import PostgresServer

pytestmark = pytest.mark.postgres


@pytest.fixture
def conninfo(postgres_server: PostgresServer) -> Generator[str]:
    """Return an empty database."""
    conninfo = postgres_server.create_database()
    yield conninfo
    postgres_server.drop_database(conninfo)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return two migrations: users, and their names."""
    write(tmp_path, "0001_users.sql", "CREATE TABLE users (id integer); INSERT INTO users VALUES (1);")
    write(tmp_path, "0002_names.sql", "ALTER TABLE users ADD COLUMN name text;")
    return tmp_path


def write(folder: Path, name: str, statements: str) -> None:
    (folder / name).write_text(statements)


def rows(conninfo: str, query: bytes) -> list[tuple[object, ...]]:
    with psycopg.connect(conninfo) as connection:
        return connection.execute(query).fetchall()


async def test_the_files_are_applied_in_order_and_once(conninfo: str, folder: Path) -> None:
    assert await migrate(conninfo, folder) == ["0001_users.sql", "0002_names.sql"]
    assert await migrate(conninfo, folder) == []

    write(folder, "0003_more.sql", "INSERT INTO users VALUES (2, 'two');")
    assert await migrate(conninfo, folder) == ["0003_more.sql"]
    assert rows(conninfo, b"SELECT id, name FROM users ORDER BY id") == [(1, None), (2, "two")]
    assert rows(conninfo, b"SELECT version, name FROM schema_migrations ORDER BY version") == [
        (1, "0001_users.sql"),
        (2, "0002_names.sql"),
        (3, "0003_more.sql"),
    ]


async def test_runners_that_start_at_once_apply_each_file_once(conninfo: str, folder: Path) -> None:
    write(folder, "0003_slow.sql", "SELECT pg_sleep(0.1); INSERT INTO users VALUES (2, 'two');")
    applied: list[str] = []

    async def run() -> None:
        applied.extend(await migrate(conninfo, folder))

    async with anyio.create_task_group() as runners:
        for _ in range(4):
            runners.start_soon(run)

    assert sorted(applied) == ["0001_users.sql", "0002_names.sql", "0003_slow.sql"]
    assert rows(conninfo, b"SELECT id FROM users ORDER BY id") == [(1,), (2,)]


async def test_a_file_that_fails_leaves_no_trace_and_keeps_the_files_before_it(conninfo: str, folder: Path) -> None:
    write(folder, "0003_wrong.sql", "DELETE FROM users; SELECT 1 / 0;")
    with pytest.raises(psycopg.errors.DivisionByZero):
        await migrate(conninfo, folder)
    assert rows(conninfo, b"SELECT id, name FROM users") == [(1, None)]
    assert rows(conninfo, b"SELECT max(version) FROM schema_migrations") == [(2,)]

    write(folder, "0003_wrong.sql", "DELETE FROM users;")
    assert await migrate(conninfo, folder) == ["0003_wrong.sql"]


async def test_an_applied_file_that_was_changed_is_refused(conninfo: str, folder: Path) -> None:
    await migrate(conninfo, folder)
    write(folder, "0001_users.sql", "CREATE TABLE users (id bigint);")
    write(folder, "0003_more.sql", "DELETE FROM users;")

    with pytest.raises(MigrationRefused, match=r"0001_users\.sql was changed"):
        await migrate(conninfo, folder)
    assert rows(conninfo, b"SELECT id FROM users") == [(1,)]


async def test_a_database_newer_than_the_program_is_refused(conninfo: str, folder: Path) -> None:
    await migrate(conninfo, folder)
    (folder / "0002_names.sql").unlink()

    with pytest.raises(MigrationRefused, match="the database is newer than this program: it has migration 0002"):
        await migrate(conninfo, folder)


async def test_a_file_numbered_before_an_applied_one_is_refused(conninfo: str, folder: Path) -> None:
    (folder / "0002_names.sql").rename(folder / "0003_names.sql")
    await migrate(conninfo, folder)
    write(folder, "0002_late.sql", "DELETE FROM users;")

    with pytest.raises(MigrationRefused, match=r"has migration 0003 where 0002_late\.sql is due"):
        await migrate(conninfo, folder)


@pytest.mark.parametrize("name", ["0002_again.sql", "later.sql"])
async def test_a_folder_without_a_clear_order_is_refused(conninfo: str, folder: Path, name: str) -> None:
    write(folder, name, "SELECT 1;")
    with pytest.raises(MigrationRefused, match=name):
        await migrate(conninfo, folder)


async def test_a_program_without_its_migrations_is_refused(conninfo: str, tmp_path: Path) -> None:
    with pytest.raises(MigrationRefused, match="no migrations"):
        await migrate(conninfo, tmp_path / "none")
