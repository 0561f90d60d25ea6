"""The synced issues, read from PostgreSQL."""

from collections.abc import Sequence
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg.rows import DictRow

from adapters.postgres.items import counted, listed, names
from application.ports.issues import Issues
from domain.replica import Issue, ItemFilter, State
from domain.repository import RepositoryId

SELECT: Final = """
    SELECT repository_id, number, github_id, state, state_reason, title, record->>'body' AS body, author, author_id,
           is_locked, labels, assignees, milestone, comments, closed_by, created_at, updated_at, closed_at, url
      FROM issues
     WHERE %(branch)s::text IS NULL
"""
# In an order that only the index has: of a repository with a good part of all rows the whole table would be read.
COUNT: Final = """
    SELECT count(*)
      FROM (SELECT
              FROM issues
             WHERE repository_id = %(repository_id)s AND deleted_at IS NULL
             ORDER BY number
             LIMIT %(at_most)s) AS standing
"""


class PostgresIssues(Issues):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def list(
        self, repository_id: RepositoryId, wanted: ItemFilter, before: int | None, limit: int
    ) -> Sequence[Issue]:
        async with listed(self._connection, SELECT, repository_id, wanted, before, limit) as rows:
            return [to_issue(row) async for row in rows]

    async def count(self, repository_id: RepositoryId, at_most: int) -> int:
        return await counted(self._connection, COUNT, repository_id, at_most)


def to_issue(row: DictRow) -> Issue:
    lists = {name: names(row[name]) for name in ("labels", "assignees")}
    values: dict[str, Any] = {**row, **lists, "state": State(row["state"])}
    return Issue(**values)
