"""What is asked of the replica: the statements of its adapters, and what their plans owe."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any, Final, LiteralString

from psycopg import Connection

from adapters.postgres import commits, issues, pull_requests
from adapters.postgres.items import BEHIND_ALL, BY_AUTHOR, BY_NUMBER
from benchmarks.filling import Question
from domain.replica import CommitFilter, CommitPlace, ItemFilter, State

PAGE: Final = 31
COUNTED: Final = 10_000
NEWEST: Final = datetime(2026, 1, 1, tzinfo=UTC)
# Whether many rows pass, or few, or none.
FILTERS: Final[Mapping[str, ItemFilter]] = {
    "open": ItemFilter(state=State.OPEN),
    "by author": ItemFilter(author="Person-7"),
    "by author, closed": ItemFilter(author="robot", state=State.CLOSED),
    "by an author of none": ItemFilter(author="nobody"),
    "by label": ItemFilter(label="bug"),
    "by a rare label": ItemFilter(label="rare"),
    "by title": ItemFilter(text="part 7 "),
    "by a title of none": ItemFilter(text="no such part"),
    "until long ago": ItemFilter(until=NEWEST - timedelta(minutes=999_900)),
}
BRANCHES: Final[Mapping[str, ItemFilter]] = {"by branch": ItemFilter(branch="branch-7")}
ITEMS: Final[Sequence[tuple[str, LiteralString, Mapping[str, ItemFilter]]]] = (
    ("pulls", pull_requests.SELECT, {**FILTERS, **BRANCHES}),
    ("issues", issues.SELECT, FILTERS),
)
COUNTS: Final[Mapping[str, LiteralString]] = {
    "pulls": pull_requests.COUNT,
    "issues": issues.COUNT,
    "commits": commits.COUNT,
}
COMMIT_FILTERS: Final[Mapping[str, CommitFilter]] = {
    "by author": CommitFilter(author="Person-7"),
    "by an author of none": CommitFilter(author="nobody"),
    "on a branch": CommitFilter(branch="release"),
    "on a branch of none": CommitFilter(branch="gone"),
    "until long ago": CommitFilter(until=NEWEST - timedelta(minutes=999_900)),
    "by message": CommitFilter(text="part 7 "),
}
COMMIT_IN_THE_MIDDLE: Final = """
    SELECT ordered_at, sha
      FROM commits
     WHERE repository_id = %s
     ORDER BY ordered_at DESC, sha DESC
    OFFSET (SELECT count(*) / 2 FROM commits WHERE repository_id = %s)
     LIMIT 1
"""


def questions(connection: Connection, repositories: Sequence[int], rows: int) -> Mapping[str, Sequence[Question]]:
    """Say what is asked of repositories with so many rows; all is looked up before anything is timed."""
    asked: dict[str, Sequence[Question]] = {}
    for kind, select, filters in ITEMS:
        asked[f"{kind}: first page"] = [items(select, one) for one in repositories]
        asked[f"{kind}: page in the middle"] = [items(select, one, before=rows // 2) for one in repositories]
        for name, wanted in filters.items():
            asked[f"{kind}: {name}"] = [items(select, one, wanted) for one in repositories]
    asked["commits: first page"] = [commits_of(one) for one in repositories]
    asked["commits: page in the middle"] = [commits_of(one, after=middle(connection, one)) for one in repositories]
    for name, commit_filter in COMMIT_FILTERS.items():
        asked[f"commits: {name}"] = [commits_of(one, commit_filter) for one in repositories]
    for kind, count in COUNTS.items():
        asked[f"{kind}: count"] = [(count, {"repository_id": one, "at_most": COUNTED}) for one in repositories]
    return asked


def items(
    select: LiteralString, repository: int, wanted: ItemFilter | None = None, before: int = BEHIND_ALL
) -> Question:
    wanted = wanted or ItemFilter()
    parameters = {**asdict(wanted), "repository_id": repository, "before": before, "limit": PAGE}
    return select + (BY_NUMBER if wanted.author is None else BY_AUTHOR), parameters


def commits_of(repository: int, wanted: CommitFilter | None = None, after: CommitPlace | None = None) -> Question:
    parameters = {**asdict(wanted or CommitFilter()), **commits.behind(after)}
    return commits.LIST, {**parameters, "repository_id": repository, "limit": PAGE}


def middle(connection: Connection, repository: int) -> CommitPlace:
    ((at, sha),) = connection.execute(COMMIT_IN_THE_MIDDLE, [repository, repository]).fetchall()
    return CommitPlace(ordered_at=at, sha=sha)


def faults_of(connection: Connection, query: LiteralString, parameters: Mapping[str, object]) -> list[str]:
    """List what is wrong with a plan: a table read from end to end, or sorted; each has to be found by an index.

    A count may sort, as no more is sorted then than about as much as is counted.
    """
    (((document,),),) = connection.execute("EXPLAIN (FORMAT JSON) " + query, parameters).fetchall()
    nodes = list(nodes_of(document["Plan"]))
    kinds = [node["Node Type"] for node in nodes]
    wrong = {"Seq Scan"} if "count(*)" in query else {"Seq Scan", "Sort", "Incremental Sort"}
    faults = [kind for kind in kinds if kind in wrong]
    return faults if any("Index" in kind for kind in kinds) else [*faults, "no index"]


def nodes_of(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for inner in plan.get("Plans", []):
        yield from nodes_of(inner)
