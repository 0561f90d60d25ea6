"""The databases of tests are new, migrated and empty, and leave the server as it was."""

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from adapters.postgres.migrate import MIGRATIONS
from tests.databases import PostgresServer

pytestmark = pytest.mark.postgres


def names_of_databases(server: PostgresServer) -> set[str]:
    with psycopg.connect(server.conninfo) as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database")}


def test_a_shared_database_comes_back_empty_and_migrated(postgres_server: PostgresServer) -> None:
    with psycopg.connect(postgres_server.clean_database()) as connection:
        connection.execute("CREATE TABLE left_by_a_test (id integer GENERATED ALWAYS AS IDENTITY)")
        connection.execute("INSERT INTO left_by_a_test DEFAULT VALUES")
    with psycopg.connect(postgres_server.clean_database()) as connection:
        assert connection.execute("SELECT count(*) FROM left_by_a_test").fetchone() == (0,)
        assert connection.execute("INSERT INTO left_by_a_test DEFAULT VALUES RETURNING id").fetchone() == (1,)
        applied = connection.execute("SELECT count(*) FROM schema_migrations").fetchone()
        assert applied == (len(list(MIGRATIONS.glob("*.sql"))),)
        connection.execute("DROP TABLE left_by_a_test")


def test_databases_are_dropped_even_with_somebody_connected(postgres_server: PostgresServer) -> None:
    conninfo = postgres_server.create_migrated_database()
    assert conninfo_to_dict(conninfo)["dbname"] in names_of_databases(postgres_server)
    with psycopg.connect(conninfo):
        postgres_server.drop_database(conninfo)
    assert conninfo_to_dict(conninfo)["dbname"] not in names_of_databases(postgres_server)
