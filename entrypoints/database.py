"""The database of a process: an ordinary server, or the embedded one."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import structlog

from adapters.postgres.embedded import EmbeddedPostgres, default_data_dir
from adapters.postgres.migrate import migrate
from entrypoints.settings import Place

log = structlog.get_logger()


def data_dir_of(place: Place) -> Path:
    return Path(place.latchkey_data_dir).expanduser() if place.latchkey_data_dir else default_data_dir()


@contextmanager
def migrated_database(place: Place) -> Generator[str, None, None]:
    """Give the conninfo of a migrated database; an embedded server is stopped when its last user leaves."""
    if place.database_url:
        migrate_now(place.database_url, kind="DATABASE_URL")
        yield place.database_url
        return
    data_dir = data_dir_of(place)
    with EmbeddedPostgres(data_dir) as postgres:
        migrate_now(postgres.conninfo, kind=f"embedded in {data_dir}")
        yield postgres.conninfo


def migrate_now(conninfo: str, *, kind: str) -> None:
    log.info("database", kind=kind, migrated=asyncio.run(migrate(conninfo)))
