"""The synced commits, read from PostgreSQL."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row

from adapters.postgres.items import counted, names
from adapters.postgres.scans import scanned
from application.ports.commits import Commits
from domain.replica import UNDATED, Commit, CommitFilter, CommitPlace
from domain.repository import RepositoryId

# What an index helps to find.
ADVICE: Final = "narrow it with `since` and `until`"
COLUMNS: Final = """
    repository_id, sha, message, author, author_name, author_email, authored_at, committer, committer_name,
    committer_email, committed_at, parents, is_verified, verification_reason, url
"""
# The offset keeps the planner to this order: the commits by their time, and the sightings of each. As it takes half of
# all rows to pass a CASE, it stops when the page is full, and does not sort all of the repository for it.
LIST: Final = f"""
    SELECT {COLUMNS}, branches
      FROM commits,
           LATERAL (SELECT array_agg(branch ORDER BY branch) AS branches
                      FROM commit_sightings AS seen
                     WHERE seen.repository_id = commits.repository_id
                       AND seen.sha = commits.sha
                       AND deleted_at IS NULL
                    OFFSET 0) AS seen
     WHERE repository_id = %(repository_id)s
       AND (ordered_at, sha) < (%(after_at)s::timestamptz, %(after_sha)s)
       AND (%(since)s::timestamptz IS NULL OR ordered_at >= %(since)s)
       AND (%(until)s::timestamptz IS NULL OR (ordered_at < %(until)s AND ordered_at > '-infinity'))
       AND CASE WHEN (%(author)s::text IS NULL
                      OR lower(%(author)s) IN (lower(author), lower(author_name), lower(author_email)))
                 AND (%(text)s::text IS NULL OR strpos(lower(message), lower(%(text)s)) > 0)
                THEN true ELSE false END
       AND branches IS NOT NULL
       AND (%(branch)s::text IS NULL OR %(branch)s = ANY(branches))
     ORDER BY ordered_at DESC, sha DESC
     LIMIT %(limit)s
"""  # noqa: S608 - of constants
# Its offset keeps the planner from reading all sightings to count some of the commits.
# In an order that only the index has: of a repository with a good part of all rows the whole table would be read.
COUNT: Final = """
    SELECT count(*)
      FROM (SELECT
              FROM commits
             WHERE repository_id = %(repository_id)s
               AND EXISTS (SELECT
                             FROM commit_sightings AS seen
                            WHERE seen.repository_id = commits.repository_id
                              AND seen.sha = commits.sha
                              AND deleted_at IS NULL
                           OFFSET 0)
             ORDER BY sha
             LIMIT %(at_most)s) AS standing
"""


class PostgresCommits(Commits):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def list(
        self, repository_id: RepositoryId, wanted: CommitFilter, after: CommitPlace | None, limit: int
    ) -> Sequence[tuple[Commit, CommitPlace]]:
        parameters = {**asdict(wanted), **behind(after), "repository_id": repository_id, "limit": limit}
        async with (
            scanned(self._connection, is_scan=wanted.is_scan, advice=ADVICE),
            self._connection.cursor(row_factory=dict_row) as cursor,
        ):
            # Planned anew for what is asked: a plan for any filter could use no index of some.
            await cursor.execute(LIST, parameters, prepare=False)
            return [to_commit(row) async for row in cursor]

    async def count(self, repository_id: RepositoryId, at_most: int) -> int:
        return await counted(self._connection, COUNT, repository_id, at_most)


def behind(place: CommitPlace | None) -> dict[str, object]:
    if place is None:
        return {"after_at": "infinity", "after_sha": ""}
    return {"after_at": "-infinity" if place.ordered_at == UNDATED else place.ordered_at, "after_sha": place.sha}


def to_commit(row: DictRow) -> tuple[Commit, CommitPlace]:
    lists: dict[str, Any] = {"parents": names(row["parents"]), "branches": named(row["branches"])}
    commit = Commit(**{**row, **lists})
    at = commit.committed_at or commit.authored_at or UNDATED
    return commit, CommitPlace(ordered_at=at, sha=commit.sha)


def named(branches: Sequence[str]) -> tuple[str, ...]:
    return tuple(branch for branch in branches if branch)
