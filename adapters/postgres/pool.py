"""Connections to the database, shared by everything in one process."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

import msgspec
import psycopg
from psycopg import AsyncConnection
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.types.json import set_json_dumps, set_json_loads
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout, TooManyRequests

from domain.errors import UpstreamUnavailable

AWAY: Final = (TimeoutError, PoolTimeout, PoolClosed, TooManyRequests, psycopg.OperationalError)
CONNECT_SECONDS: Final = 5
# Seconds, and milliseconds; all but the first matter over TCP only.
PATIENCE: Final = {
    "connect_timeout": CONNECT_SECONDS,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
STATEMENT_SECONDS: Final = 30.0
WAIT_SECONDS: Final = 5.0
# A request that would stand behind this many others for a connection is better told so at once.
WAITING_PER_CONNECTION: Final = 32


def create_pool(  # noqa: PLR0913 (each is a setting of its own, and all but one have a default)
    conninfo: str,
    *,
    max_size: int,
    min_size: int = 1,
    max_waiting: int | None = None,
    wait_seconds: float = WAIT_SECONDS,
    statement_seconds: float = STATEMENT_SECONDS,
    application_name: str = "latchkey",
) -> AsyncConnectionPool:
    """Describe a pool of autocommit connections in UTC; it is not opened, and needs no event loop yet.

    `connection()` raises `psycopg_pool.PoolTimeout` after `wait_seconds`, and `psycopg_pool.TooManyRequests` at once
    when `max_waiting` callers (32 for each connection by default) wait already. A statement is cancelled by the server
    after `statement_seconds`.
    """
    given = conninfo_to_dict(conninfo).get("options") or ""
    options = f"{given} -c timezone=UTC -c statement_timeout={round(statement_seconds * 1000)}"
    return AsyncConnectionPool(
        patient(conninfo),
        open=False,
        min_size=min_size,
        max_size=max_size,
        max_waiting=WAITING_PER_CONNECTION * max_size if max_waiting is None else max_waiting,
        timeout=wait_seconds,
        configure=configure,
        name=application_name,
        kwargs={
            # The job queue wants it; a unit of work is `connection.transaction()`.
            "autocommit": True,
            "application_name": application_name,
            "options": options.strip(),
        },
    )


def patient(conninfo: str) -> str:
    """Have a server that is gone without a word noticed."""
    return make_conninfo(conninfo, **PATIENCE)


@contextmanager
def said_when_away() -> Generator[None, None, None]:
    """Say that the database is away, or the pool exhausted, as the core knows it: `UpstreamUnavailable`."""
    try:
        yield
    except AWAY as error:
        raise UpstreamUnavailable("the database cannot be used right now") from error


async def configure(connection: AsyncConnection) -> None:
    set_json_dumps(msgspec.json.encode, connection)
    set_json_loads(msgspec.json.decode, connection)
