"""Rows of the replica, put there as if they had been synced."""

from dataclasses import asdict, replace
from datetime import datetime
from typing import Final

from psycopg import AsyncConnection, sql
from psycopg.types.json import Jsonb

from domain.replica import Commit, Issue, PullRequest, State
from domain.repository import RepositoryId
from domain.sync import SyncId
from tests.fakes.clock import NOON
from tests.fakes.tables import StoredCommit, StoredItem, StoredSighting, Tables

ROCKET: Final = RepositoryId(9001)
SYNC: Final = SyncId(1)


def a_pull_request(number: int, title: str = "Fly", repository_id: RepositoryId = ROCKET) -> PullRequest:
    return PullRequest(repository_id=repository_id, number=number, state=State.OPEN, title=title, updated_at=NOON)


def an_issue(number: int, title: str = "It does not fly", repository_id: RepositoryId = ROCKET) -> Issue:
    return Issue(repository_id=repository_id, number=number, state=State.OPEN, title=title, updated_at=NOON)


def a_commit(
    sha: str, at: datetime | None = NOON, message: str = "Fly", repository_id: RepositoryId = ROCKET
) -> Commit:
    return Commit(repository_id=repository_id, sha=sha, message=message, committed_at=at, branches=("main",))


def put_in_memory(
    tables: Tables, item: PullRequest | Issue | Commit, deleted_at: datetime | None = None, branch: str | None = None
) -> None:
    """Store one; a commit on the branches that it names, or on that one."""
    if isinstance(item, Commit):
        for name in item.branches if branch is None else (branch,):
            tables.sightings[item.repository_id, item.sha, name] = StoredSighting(
                sync_id=SYNC, record_id=record_id(item, name), modified_at=NOON, seen_at=NOON, deleted_at=deleted_at
            )
        tables.commits[item.repository_id, item.sha] = StoredCommit(
            entity=replace(item, branches=()), sync_id=SYNC, modified_at=NOON
        )
    elif isinstance(item, PullRequest):
        tables.pull_requests[item.repository_id, item.number] = StoredItem(
            entity=item, sync_id=SYNC, record_id=record_id(item), modified_at=NOON, seen_at=NOON, deleted_at=deleted_at
        )
    else:
        tables.issues[item.repository_id, item.number] = StoredItem(
            entity=item, sync_id=SYNC, record_id=record_id(item), modified_at=NOON, seen_at=NOON, deleted_at=deleted_at
        )


async def put_in_postgres(
    connection: AsyncConnection,
    item: PullRequest | Issue | Commit,
    deleted_at: datetime | None = None,
    branch: str | None = None,
) -> None:
    seen = {"sync_id": SYNC, "modified_at": NOON, "seen_at": NOON, "deleted_at": deleted_at}
    if isinstance(item, Commit):
        values = {**columns_of(item), "record": Jsonb({}), "sync_id": SYNC, "modified_at": NOON}
        await insert(connection, "commits", values)
        for name in item.branches if branch is None else (branch,):
            sighting = {"repository_id": item.repository_id, "sha": item.sha, "branch": name}
            await insert(connection, "commit_sightings", {**sighting, **seen, "record_id": record_id(item, name)})
    else:
        table = "pull_requests" if isinstance(item, PullRequest) else "issues"
        record = Jsonb({"body": item.body})
        await insert(connection, table, {**columns_of(item), **seen, "record": record, "record_id": record_id(item)})


def columns_of(item: PullRequest | Issue | Commit) -> dict[str, object]:
    values = {name: value for name, value in asdict(item).items() if name not in {"body", "branches"}}
    return {name: Jsonb(value) if isinstance(value, tuple) else value for name, value in values.items()}


async def insert(connection: AsyncConnection, table: str, values: dict[str, object]) -> None:
    await connection.execute(
        sql.SQL("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT DO NOTHING").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, values)),
            sql.SQL(", ").join(map(sql.Placeholder, values)),
        ),
        values,
    )


def record_id(item: PullRequest | Issue | Commit, branch: str = "") -> str:
    return f"{item.sha}:{branch}" if isinstance(item, Commit) else str(item.number)
