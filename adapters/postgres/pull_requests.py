"""The synced pull requests, read from PostgreSQL."""

from collections.abc import Sequence
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg.rows import DictRow

from adapters.postgres.items import counted, listed, names
from application.ports.pull_requests import PullRequests
from domain.replica import ItemFilter, PullRequest, State
from domain.repository import RepositoryId

SELECT: Final = """
    SELECT repository_id, number, github_id, state, title, record->>'body' AS body, author, author_id,
           is_draft, is_merged, is_locked, base_ref, base_sha, head_ref, head_sha, merge_commit_sha,
           labels, assignees, reviewers, review_decision, created_at, updated_at, closed_at, merged_at, url
      FROM pull_requests
     WHERE CASE WHEN %(branch)s::text IS NULL OR %(branch)s IN (base_ref, head_ref) THEN true ELSE false END
"""
# In an order that only the index has: of a repository with a good part of all rows the whole table would be read.
COUNT: Final = """
    SELECT count(*)
      FROM (SELECT
              FROM pull_requests
             WHERE repository_id = %(repository_id)s AND deleted_at IS NULL
             ORDER BY number
             LIMIT %(at_most)s) AS standing
"""


class PostgresPullRequests(PullRequests):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def list(
        self, repository_id: RepositoryId, wanted: ItemFilter, before: int | None, limit: int
    ) -> Sequence[PullRequest]:
        async with listed(self._connection, SELECT, repository_id, wanted, before, limit) as rows:
            return [to_pull_request(row) async for row in rows]

    async def count(self, repository_id: RepositoryId, at_most: int) -> int:
        return await counted(self._connection, COUNT, repository_id, at_most)


def to_pull_request(row: DictRow) -> PullRequest:
    lists = {name: names(row[name]) for name in ("labels", "assignees", "reviewers")}
    values: dict[str, Any] = {**row, **lists, "state": State(row["state"])}
    return PullRequest(**values)
