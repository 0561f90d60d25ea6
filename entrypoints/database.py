"""The database of a process: an ordinary server, or the embedded one."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from adapters.postgres.embedded import EmbeddedPostgres, default_data_dir
from adapters.postgres.migrate import migrate
from entrypoints.settings import Place


def data_dir_of(place: Place) -> Path:
    return Path(place.latchkey_data_dir).expanduser() if place.latchkey_data_dir else default_data_dir()


@contextmanager
def migrated_database(place: Place) -> Generator[str, None, None]:
    """Give the conninfo of a migrated database; an embedded server is stopped when its last user leaves."""
    if place.database_url:
        asyncio.run(migrate(place.database_url))
        yield place.database_url
        return
    with EmbeddedPostgres(data_dir_of(place)) as postgres:
        asyncio.run(migrate(postgres.conninfo))
        yield postgres.conninfo
