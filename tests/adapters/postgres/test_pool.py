"""The pool hands out connections that are set up alike, and refuses rather than lets callers wait for long."""

import asyncio
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.types.json import Jsonb
from psycopg_pool import PoolTimeout, TooManyRequests

from adapters.postgres.pool import create_pool
from tests.databases import PostgresServer

pytestmark = pytest.mark.postgres


async def test_connections_are_named_autocommit_in_utc_and_speak_json(postgres_server: PostgresServer) -> None:
    conninfo = make_conninfo(postgres_server.conninfo, options="-c search_path=elsewhere")
    async with create_pool(conninfo, max_size=1, application_name="a-test") as pool, pool.connection() as connection:
        assert connection.autocommit
        cursor = await connection.execute(
            "SELECT current_setting('application_name'), timestamptz '2026-01-02 03:04:05+02', %(document)s, "
            "current_setting('search_path')",
            {"document": Jsonb({"at": datetime(2026, 1, 2, tzinfo=UTC)})},
        )
        name, at, document, search_path = await anext(cursor)
    assert (name, search_path) == ("a-test", "elsewhere")
    assert at == datetime(2026, 1, 2, 1, 4, 5, tzinfo=UTC)
    assert at.utcoffset() == timedelta()
    assert document == {"at": "2026-01-02T00:00:00Z"}


async def test_a_statement_that_takes_too_long_is_cancelled(postgres_server: PostgresServer) -> None:
    pool = create_pool(postgres_server.conninfo, max_size=1, statement_seconds=0.05)
    async with pool, pool.connection() as connection:
        with pytest.raises(psycopg.errors.QueryCanceled):
            await connection.execute("SELECT pg_sleep(10)")


async def test_a_caller_waits_for_a_connection_for_a_bounded_time(postgres_server: PostgresServer) -> None:
    pool = create_pool(postgres_server.conninfo, max_size=1, wait_seconds=0.05)
    async with pool, pool.connection(timeout=30):
        with pytest.raises(PoolTimeout):
            await pool.getconn()


async def test_a_caller_behind_too_many_others_is_refused_at_once(postgres_server: PostgresServer) -> None:

    pool = create_pool(postgres_server.conninfo, max_size=1, max_waiting=1)
    async with pool:
        async with pool.connection():
            waiting = asyncio.create_task(pool.getconn())
            while not pool.get_stats().get("requests_waiting"):  # noqa: ASYNC110 (the pool has no event for it)
                await asyncio.sleep(0)
            with pytest.raises(TooManyRequests):
                await pool.getconn()
        await pool.putconn(await waiting)
