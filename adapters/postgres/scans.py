"""Lists for which a whole repository may have to be looked through take a while, and not longer."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

import psycopg
from psycopg import AsyncConnection

from domain.errors import ListTooWide

SET_TIMEOUT: Final = "SELECT set_config('statement_timeout', %(milliseconds)s, true)"
MILLISECONDS: Final = 5000


@asynccontextmanager
async def scanned(connection: AsyncConnection, *, is_scan: bool, advice: str) -> AsyncGenerator[None, None]:
    """Run statements of a scan, if it is one, in a transaction with a time of its own; raises `ListTooWide`."""
    if not is_scan:
        yield
        return
    try:
        async with connection.transaction():
            await connection.execute(SET_TIMEOUT, {"milliseconds": str(MILLISECONDS)})
            yield
    except psycopg.errors.QueryCanceled as error:
        raise ListTooWide(f"it takes too long to find all of that: {advice}") from error
