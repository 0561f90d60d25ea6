"""How pull requests and issues are listed: by their number, or by their author and number, never by reading all."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Final, LiteralString

from psycopg import AsyncConnection, AsyncCursor
from psycopg.rows import DictRow, dict_row, scalar_row

from adapters.postgres.scans import scanned
from domain.replica import ItemFilter
from domain.repository import RepositoryId

BEHIND_ALL: Final = 2**31
# What an index helps to find.
ADVICE: Final = "narrow it with `author` or `state`"
# The planner takes half of all rows to pass a CASE. Knowing how few pass everywhere, it would take them for as few in
# this repository, and read and sort all of it for a page that may be full with the first rows.
IS_WANTED: Final = """
    deleted_at IS NULL
    AND (%(state)s::text IS NULL OR state = %(state)s)
    AND CASE WHEN (%(label)s::text IS NULL
                   OR EXISTS (SELECT
                                FROM jsonb_array_elements_text(labels) AS label
                               WHERE lower(label) = lower(%(label)s)))
              AND (%(since)s::timestamptz IS NULL OR updated_at >= %(since)s)
              AND (%(until)s::timestamptz IS NULL OR updated_at < %(until)s)
              AND (%(text)s::text IS NULL OR strpos(lower(title), lower(%(text)s)) > 0)
             THEN true ELSE false END
"""
BY_NUMBER: Final = f"""
       AND repository_id = %(repository_id)s AND number < %(before)s AND {IS_WANTED}
     ORDER BY number DESC
     LIMIT %(limit)s
"""
# Compared and ordered as a row: only the index by author has that order, or a beginning of it. The planner, who cannot
# know how many of a repository's rows are an author's, would else take the order of numbers, and perhaps read all to
# find none.
BY_AUTHOR: Final = f"""
       AND repository_id = %(repository_id)s
       AND (lower(author), number) < (lower(%(author)s), %(before)s::bigint)
       AND (lower(author), number) > (lower(%(author)s), 0)
       AND {IS_WANTED}
     ORDER BY lower(author) DESC, number DESC
     LIMIT %(limit)s
"""


@asynccontextmanager
async def listed(  # noqa: PLR0913, PLR0917 - as the ports have it
    connection: AsyncConnection,
    select: LiteralString,
    repository_id: RepositoryId,
    wanted: ItemFilter,
    before: int | None,
    limit: int,
) -> AsyncGenerator[AsyncCursor[DictRow], None]:
    """Run `select`, which ends with a condition of its own."""
    parameters = {
        **asdict(wanted),
        "repository_id": repository_id,
        "before": BEHIND_ALL if before is None else before,
        "limit": limit,
    }
    async with (
        scanned(connection, is_scan=wanted.is_scan, advice=ADVICE),
        connection.cursor(row_factory=dict_row) as cursor,
    ):
        query = select + (BY_NUMBER if wanted.author is None else BY_AUTHOR)
        # Planned anew for what is asked: a plan for any filter could use no index of some.
        await cursor.execute(query, parameters, prepare=False)
        yield cursor


def names(values: Sequence[object] | None) -> tuple[str, ...] | None:
    """Read a list of names; what a record has among them that is none is passed over."""
    return None if values is None else tuple(value for value in values if isinstance(value, str))


async def counted(connection: AsyncConnection, query: LiteralString, repository_id: RepositoryId, at_most: int) -> int:
    async with connection.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(query, {"repository_id": repository_id, "at_most": at_most}, prepare=False)
        return await anext(cursor)
