"""The tables of this version: numbered files of SQL, each applied once, in order, and never changed after.

And those of the job queue, which its library makes and changes.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from adapters.pgqueuer.tables import install

MIGRATIONS: Final = Path(__file__).parent / "migrations"
FILE_NAME: Final = re.compile(r"(?P<version>\d{4})_(?P<name>\w+)\.sql")

# Any constant will do, as long as nothing else in the database takes the same one.
LOCK: Final = "SELECT pg_advisory_xact_lock(7011826409)"
CREATE_LEDGER: Final = """
    CREATE TABLE IF NOT EXISTS schema_migrations (
        version    integer     CONSTRAINT schema_migrations_pkey PRIMARY KEY,
        name       text        NOT NULL,
        checksum   text        NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now()
    )
"""
READ_LEDGER: Final = "SELECT version, checksum FROM schema_migrations ORDER BY version"
RECORD: Final = """
    INSERT INTO schema_migrations (version, name, checksum)
    VALUES (%(version)s, %(name)s, %(checksum)s)
"""


class MigrationRefused(Exception):
    """The database and the files do not belong together; nothing was applied after the point that is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One file, as it is on disk."""

    version: int
    file_name: str
    statements: bytes

    @property
    def checksum(self) -> str:
        return sha256(self.statements).hexdigest()


async def migrate(conninfo: str, folder: Path = MIGRATIONS) -> list[str]:
    """Apply the files that the database lacks, each in one transaction; return their names in order.

    Processes that start at once wait for each other at every file, and the later ones apply nothing. Raise
    `MigrationRefused` when an applied file was changed or is gone, or when the database is newer than the files; an
    error in a file is raised as psycopg's, with that file rolled back and the earlier ones kept.
    """
    migrations = read_migrations(folder)
    applied: list[str] = []
    async with await AsyncConnection.connect(conninfo, autocommit=True) as connection:
        while name := await apply_next(connection, migrations):
            applied.append(name)
        await install(connection)
    return applied


def read_migrations(folder: Path) -> list[Migration]:
    """Read the folder; raise `MigrationRefused` for a file that no order can be told of."""
    migrations: list[Migration] = []
    for path in sorted(folder.glob("*.sql")):
        named = FILE_NAME.fullmatch(path.name)
        if named is None:
            raise MigrationRefused(f"{path.name} is not named NNNN_name.sql")
        version = int(named["version"])
        if migrations and migrations[-1].version == version:
            raise MigrationRefused(f"{migrations[-1].file_name} and {path.name} have one number")
        migrations.append(Migration(version=version, file_name=path.name, statements=path.read_bytes()))
    if not migrations:
        raise MigrationRefused(f"no migrations in {folder}")
    return migrations


async def apply_next(connection: AsyncConnection, migrations: Sequence[Migration]) -> str | None:
    """Apply the first file that the ledger lacks, and return its name; `None` when there is none."""
    async with connection.transaction():
        await connection.execute(LOCK)
        await connection.execute(CREATE_LEDGER)
        ledger = await (await connection.execute(READ_LEDGER)).fetchall()
        check(ledger, migrations)
        if len(ledger) == len(migrations):
            return None
        migration = migrations[len(ledger)]
        await connection.execute(migration.statements)
        await connection.execute(
            RECORD,
            {"version": migration.version, "name": migration.file_name, "checksum": migration.checksum},
        )
        return migration.file_name


def check(ledger: Sequence[TupleRow], migrations: Sequence[Migration]) -> None:
    """Raise `MigrationRefused` unless the ledger is the beginning of the files."""
    newest = migrations[-1].version
    if ledger and ledger[-1][0] > newest:
        raise MigrationRefused(
            f"the database is newer than this program: it has migration {ledger[-1][0]:04}, "
            f"the program ends at {newest:04}"
        )
    for (version, checksum), migration in zip(ledger, migrations, strict=False):
        if version != migration.version:
            raise MigrationRefused(f"the database has migration {version:04} where {migration.file_name} is due")
        if checksum != migration.checksum:
            raise MigrationRefused(f"{migration.file_name} was changed after it was applied to the database")
