"""What a command says to a terminal, and how it ends when it fails."""

import os
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Final

import psycopg
import typer

from adapters.postgres.embedded import EmbeddedPostgresUnavailable
from adapters.postgres.migrate import MigrationRefused
from domain.errors import NotFound, UpstreamUnavailable
from entrypoints.settings import WrongSetting

NOT_DONE: Final = 1
CANNOT_START: Final = 2
BETWEEN_COLUMNS: Final = "  "


@contextmanager
def one_line_on_failure() -> Generator[None, None, None]:
    """End with one line that names what to change, for what an operator can change."""
    try:
        yield
    except NotFound as error:
        fail(str(error), NOT_DONE)
    except (WrongSetting, EmbeddedPostgresUnavailable, MigrationRefused, UpstreamUnavailable) as error:
        fail(str(error))
    except psycopg.ProgrammingError as error:
        # Without a code it is about the address itself, and repeats a part of it: that may be the password.
        if error.sqlstate is None:
            fail("DATABASE_URL cannot be read: a password with special characters must be percent-encoded")
        fail(f"the database: {error}")
    except psycopg.Error as error:
        fail(f"DATABASE_URL: {error}" if "DATABASE_URL" in os.environ else f"the embedded PostgreSQL: {error}")


def fail(message: str, status: int = CANNOT_START) -> None:
    complain(message)
    sys.exit(status)


def complain(message: str) -> None:
    typer.echo(f"latchkey: {plain(' '.join(message.split()))}", err=True)


def say(message: str) -> None:
    typer.echo(message)
    sys.stdout.flush()


def plain(text: str) -> str:
    """Spell out whatever a terminal would obey or hide: escape sequences, line breaks, and changes of direction."""
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii") for letter in text
    )


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Put cells below each other; whatever they hold stays in its line."""
    safe = [[plain(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*safe, strict=True)]
    return [
        BETWEEN_COLUMNS.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in safe
    ]
