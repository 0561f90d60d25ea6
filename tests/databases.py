"""Where tests find a PostgreSQL: `TEST_DATABASE_URL`, else the embedded one, else (`--postgres=container`) a container.

`tests/conftest.py` imports the fixtures `postgres_server` and `database_url`, and calls `add_postgres_option`. Whatever
the server is, tests only touch databases that they made there, named `latchkey_test_…`, which are dropped at the end.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Final
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from adapters.postgres.embedded import EmbeddedPostgres
from adapters.postgres.embedded_account import account_for
from adapters.postgres.embedded_locks import is_free
from adapters.postgres.migrate import migrate

IMAGE: Final = "postgres:18-alpine"
# Not the folder of pytest or of TMPDIR: for root the server runs as another user, who must get there.
TEMPORARY: Final = Path("/tmp")  # noqa: S108 (folders in it are made by mkdtemp)
SESSION: Final = "latchkey-session-"

# Emptying only what holds something takes 5 ms where all tables take 40. A lock that a test left behind fails the next
# one with a message, not with a hang.
EMPTY_TABLES: Final = """
    DO $$
    DECLARE
        candidate text;
        is_filled boolean;
        filled text[] := '{}';
    BEGIN
        SET LOCAL lock_timeout = '5s';
        FOR candidate IN
            SELECT format('%I.%I', schemaname, tablename)
              FROM pg_tables
             WHERE schemaname = 'public'
               AND tablename <> 'schema_migrations'
        LOOP
            EXECUTE format('SELECT EXISTS (SELECT FROM %s)', candidate) INTO is_filled;
            IF is_filled THEN
                filled := filled || candidate;
            END IF;
        END LOOP;
        IF cardinality(filled) > 0 THEN
            EXECUTE format('TRUNCATE %s RESTART IDENTITY CASCADE', array_to_string(filled, ', '));
        END IF;
    END $$
"""


class PostgresServer:
    """A server on which tests make databases of their own; `conninfo` is of a role that may."""

    def __init__(self, conninfo: str) -> None:
        self.conninfo = conninfo
        self._names: set[str] = set()

    def create_database(self) -> str:
        """Make an empty database and return how to connect to it."""
        return self._create("template1")

    def create_migrated_database(self) -> str:
        """Make a database with all tables, empty, as a copy (80 ms); for tests that start processes of their own."""
        return self._create(self._template)

    def clean_database(self) -> str:
        """Return the one migrated database that tests share, emptied (5 ms); it may be used by one test at a time."""
        with psycopg.connect(self._shared, autocommit=True) as connection:
            connection.execute(EMPTY_TABLES)
        return self._shared

    def drop_database(self, conninfo: str) -> None:
        """Drop a database made here, whoever is still connected."""
        self._drop(str(conninfo_to_dict(conninfo)["dbname"]))

    def drop_all(self) -> None:
        for name in tuple(self._names):
            self._drop(name)

    @cached_property
    def _template(self) -> str:
        conninfo = self.create_database()
        asyncio.run(migrate(conninfo))
        return str(conninfo_to_dict(conninfo)["dbname"])

    @cached_property
    def _shared(self) -> str:
        return self.create_migrated_database()

    def _create(self, template: str) -> str:
        name = f"latchkey_test_{uuid4().hex[:12]}"
        self._execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)),
        )
        self._names.add(name)
        return make_conninfo(self.conninfo, dbname=name)

    def _drop(self, name: str) -> None:
        self._names.remove(name)
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            connection.execute(statement)


def add_postgres_option(parser: pytest.Parser) -> None:
    """Add `--postgres`; to be called by `pytest_addoption`."""
    parser.addoption(
        "--postgres",
        choices=("embedded", "container"),
        default="embedded",
        help="where tests run PostgreSQL when TEST_DATABASE_URL is unset",
    )


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> Generator[PostgresServer]:
    """Return a server for the session; it is stopped after it if it was started here."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        source = given(url)
    elif request.config.getoption("--postgres", default="embedded") == "container":
        source = container()
    else:
        source = embedded()
    with source as conninfo:
        server = PostgresServer(conninfo)
        try:
            yield server
        finally:
            server.drop_all()


@pytest.fixture
def database_url(postgres_server: PostgresServer) -> str:
    """Return how to connect to a database with all tables, empty."""
    return postgres_server.clean_database()


@contextmanager
def given(url: str) -> Generator[str]:
    yield url


@contextmanager
def container() -> Generator[str]:
    # Imported here, because the import alone looks for Docker.
    from testcontainers.community.postgres import PostgresContainer  # noqa: PLC0415

    with PostgresContainer(IMAGE, driver=None).with_command("postgres -c fsync=off") as postgres:
        yield postgres.get_connection_url()


@contextmanager
def embedded() -> Generator[str]:
    sweep()
    with temporary_data_dir(SESSION) as folder, EmbeddedPostgres(folder, durable=False) as postgres:
        yield postgres.admin_conninfo


@contextmanager
def temporary_data_dir(prefix: str = "latchkey-test-") -> Generator[Path]:
    """Make a folder that the server's account can enter, and remove it with all that is in it."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=TEMPORARY))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        # The sweep of another session may be at it too.
        shutil.rmtree(folder, ignore_errors=True)


def sweep() -> None:
    """Stop and remove the servers of sessions that were killed; those of living sessions are in use, and stay."""
    for folder in TEMPORARY.glob(f"{SESSION}*"):
        home = folder / "postgres"
        with suppress(FileNotFoundError):
            if folder.stat().st_uid != os.geteuid() or not (home / "users.lock").exists():
                continue
            account = account_for(home)
            if not is_free(home / "users.lock", account):
                continue
            if not is_free(home / "server.lock", account):
                with EmbeddedPostgres(folder, durable=False):
                    pass  # the last one out stops it
            shutil.rmtree(folder, ignore_errors=True)
