"""The replica in memory; what PostgreSQL does with a page of records, said once more."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, TypeAlias, TypeGuard, cast

import msgspec

from adapters.postgres.record_text import storable
from application.ports.replica import Replica
from domain.replica import Commit, Issue, PullRequest, State
from domain.repository import RepositoryId
from domain.sync import Fuse, RecordPage, ReplicaKind, Sync, SyncId, SyncSource
from tests.fakes.tables import StoredCommit, StoredItem, StoredReplica, StoredSighting, StoredUnplaced, Tables

Record: TypeAlias = Mapping[str, Any]

NUMBER: Final = re.compile(r"[0-9]{1,18}")
SHA: Final = re.compile(r"[0-9a-f]{7,64}")
PAGES: Final = {ReplicaKind.PULL_REQUESTS: "pull", ReplicaKind.ISSUES: "issues", ReplicaKind.COMMITS: "commit"}


class Unreadable(Exception):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row that a record becomes, by its key in its table."""

    key: tuple[Any, ...]
    entity: PullRequest | Issue | Commit


class InMemoryReplica(Replica):
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def merge(self, sync: Sync, page: RecordPage, at: datetime) -> None:
        sweeps = sync.run is not None and sync.run.is_full and sync.pulled_at is not None
        for record in msgspec.json.decode(storable(page.records)):
            self._merge(sync, record, at)
            if sweeps:
                self._see(sync, record, at)

    async def end_run(self, sync: Sync, fuse: Fuse, at: datetime) -> int | None:
        for (sync_id, _), stored in list(self._tables.unplaced.items()):
            if sync_id == sync.id and stored.full_name and self._named(sync, stored.full_name):
                self._merge(sync, stored.record, at)
        rows, noted, run = self._rows(sync.key.kind), self._tables.noted, sync.the_run
        mine = {key: row for key, row in rows.items() if row.sync_id == sync.id and row.deleted_at is None}
        gone = {
            key: noted[sync.id, row.record_id]
            for key, row in mine.items()
            if noted.get((sync.id, row.record_id), BEGINNING) >= row.modified_at
        }
        sweeps = run.is_full and sync.pulled_at is not None
        if sweeps:
            gone |= {
                key: row.modified_at for key, row in mine.items() if row.seen_at < run.began_at and key not in gone
            }
        if sweeps or (run.is_full and sync.key.source is SyncSource.PROXY):
            gone |= {key: row.modified_at for key, row in rows.items() if self._is_left_behind(sync, key[0], row)}
        if not run.may_delete and fuse.is_blown(len(gone), len(mine)):
            return len(gone)
        for key, deleted_at in gone.items():
            rows[key] = replace(rows[key], deleted_at=at, modified_at=deleted_at)
        for key, stored in list(self._tables.unplaced.items()):
            is_deleted = key in noted and stored.modified_at <= noted[key]
            if key[0] == sync.id and (is_deleted or (sweeps and stored.seen_at < run.began_at)):
                del self._tables.unplaced[key]
        for key in [key for key in noted if key[0] == sync.id]:
            del noted[key]
        return None

    async def count_aside(self) -> Mapping[SyncId, int]:
        return Counter(sync_id for sync_id, _ in self._tables.unplaced)

    def _merge(self, sync: Sync, record: Record, at: datetime) -> None:
        metadata: Record = record.get("_nango_metadata") or {}
        record_id = record.get("id")
        aside = (sync.id, record_id if isinstance(record_id, str) else str(record_id))
        if metadata.get("last_action") == "DELETED":
            self._tables.noted[aside] = max(
                moment(metadata["last_modified_at"]), self._tables.noted.get(aside, BEGINNING)
            )
            return
        if metadata.get("pruned_at") is not None or is_pull_request_among_issues(sync.key.kind, record):
            return
        name = name_in(sync.key.kind, record)
        modified_at = moment(metadata["last_modified_at"]) if "last_modified_at" in metadata else at
        named = self._named(sync, name, modified_at) if name else None
        repository_id = sync.repository_id or self._known(sync, aside[1]) or named
        try:
            row = row_of(sync.key.kind, record, repository_id or RepositoryId(0))
        except (Unreadable, ValueError, TypeError, KeyError):
            row = None
        if repository_id is None or row is None:
            self._tables.unplaced[aside] = StoredUnplaced(
                record=record, full_name=name if row else None, modified_at=modified_at, seen_at=at
            )
            return
        self._tables.unplaced.pop(aside, None)
        self._store(sync, row, aside[1], modified_at, at)

    def _store(self, sync: Sync, row: Row, record_id: str, modified_at: datetime, at: datetime) -> None:
        self._tables.replicas.setdefault(row.key[0], StoredReplica())
        if isinstance(row.entity, Commit):
            known_commit = self._tables.commits.get(row.key[:2])
            if known_commit is None or self._gives_way(known_commit, modified_at):
                self._tables.commits[row.key[:2]] = StoredCommit(
                    entity=row.entity, sync_id=sync.id, modified_at=modified_at
                )
        rows = self._rows(sync.key.kind)
        known = rows.get(row.key)
        is_back = known is not None and known.deleted_at is not None and known.sync_id != sync.id
        if known is not None and not is_back and not self._gives_way(known, modified_at):
            return
        told: dict[str, Any] = {} if isinstance(row.entity, Commit) else {"entity": row.entity}
        stored: Any = StoredSighting if isinstance(row.entity, Commit) else StoredItem
        rows[row.key] = stored(sync_id=sync.id, record_id=record_id, modified_at=modified_at, seen_at=at, **told)

    def _gives_way(self, known: StoredItem[Any] | StoredCommit | StoredSighting, modified_at: datetime) -> bool:
        return known.modified_at < modified_at or known.sync_id not in self._tables.syncs

    def _is_left_behind(self, sync: Sync, repository_id: RepositoryId, row: StoredItem[Any] | StoredSighting) -> bool:
        repository = self._tables.repositories.get(repository_id)
        return (
            row.deleted_at is None
            and row.sync_id not in self._tables.syncs
            and repository is not None
            and repository.installation_id == sync.installation_id
            and sync.repository_id in {None, repository_id}
        )

    def _see(self, sync: Sync, record: Record, at: datetime) -> None:
        metadata: Record = record.get("_nango_metadata") or {}
        if metadata.get("last_action") == "DELETED":
            return
        rows = self._rows(sync.key.kind)
        for key, row in list(rows.items()):
            if row.sync_id == sync.id and row.record_id == record.get("id"):
                is_back = row.modified_at <= moment(metadata["last_modified_at"])
                rows[key] = replace(row, seen_at=at, deleted_at=None if is_back else row.deleted_at)

    def _known(self, sync: Sync, record_id: str) -> RepositoryId | None:
        for key, row in self._rows(sync.key.kind).items():
            if row.sync_id == sync.id and row.record_id == record_id:
                return key[0]
        return None

    def _named(self, sync: Sync, full_name: str, modified_at: datetime | None = None) -> RepositoryId | None:
        """Find whose name it is, or was then."""
        current = {
            repository_id: stored
            for repository_id, stored in self._tables.repositories.items()
            if stored.installation_id == sync.installation_id
        }
        named = [one for one, stored in current.items() if stored.repository.full_name.lower() == full_name]
        if named:
            return max(named, key=lambda one: (current[one].read_at, one))
        for name, repository_id, until in reversed(self._tables.former_names):
            if name == full_name and repository_id in current:
                return repository_id if modified_at is not None and modified_at <= until else None
        return None

    def _rows(self, kind: ReplicaKind) -> dict[Any, Any]:
        match kind:
            case ReplicaKind.PULL_REQUESTS:
                return self._tables.pull_requests
            case ReplicaKind.ISSUES:
                return self._tables.issues
            case ReplicaKind.COMMITS:
                return self._tables.sightings


BEGINNING: Final = datetime.fromisoformat("0001-01-01T00:00:00+00:00")
EARLIEST: Final = datetime.fromisoformat("0001-01-02T00:00:00+00:00")
LATEST: Final = datetime.fromisoformat("9999-12-31T00:00:00+00:00")


def row_of(kind: ReplicaKind, record: Record, repository_id: RepositoryId) -> Row:
    match kind:
        case ReplicaKind.PULL_REQUESTS:
            pull = pull_request_of(record, repository_id)
            return Row(key=(repository_id, pull.number), entity=pull)
        case ReplicaKind.ISSUES:
            issue = issue_of(record, repository_id)
            return Row(key=(repository_id, issue.number), entity=issue)
        case ReplicaKind.COMMITS:
            commit = commit_of(record, repository_id)
            branch = record.get("branch") or (record["id"].split(":")[1] if is_named(record) else "")
            return Row(key=(repository_id, commit.sha, branch), entity=commit)


def pull_request_of(record: Record, repository_id: RepositoryId) -> PullRequest:
    user: Record = record.get("user") or {}
    parts, state = parts_of(record), text(record, "state")
    number = record.get("number", int(parts[6]) if parts[5] == "pull" else None)
    if state.lower() not in {"open", "closed", "merged"} or not is_item_number(number):
        raise Unreadable
    is_merged: bool | None = None
    if state.lower() == "open":
        is_merged = False
    elif state == "MERGED" or record.get("merged_at"):
        is_merged = True
    elif state == "CLOSED" or record.get("closed_at"):
        is_merged = False
    return PullRequest(
        repository_id=repository_id,
        number=number,
        github_id=number_in(record["id"]),
        state=State.OPEN if state.lower() == "open" else State.CLOSED,
        title=text(record, "title"),
        body=record.get("body"),
        author=record.get("user_login") or user.get("login") or user.get("id") or None,
        author_id=record.get("user_id") or (user.get("id") if "login" in user else None),
        is_draft=record.get("draft"),
        is_merged=is_merged,
        is_locked=record.get("locked"),
        base_ref=record.get("base_ref"),
        base_sha=record.get("base_sha"),
        head_ref=record.get("head_ref"),
        head_sha=record.get("head_sha"),
        merge_commit_sha=record.get("merge_commit_sha"),
        labels=names(record.get("labels")),
        assignees=names(record.get("assignees")),
        reviewers=names(record.get("requested_reviewers", record.get("reviewers"))),
        review_decision=record.get("reviewDecision"),
        created_at=moment_in(record, "created_at"),
        updated_at=moment_in(record, "updated_at"),
        closed_at=moment_in(record, "closed_at"),
        merged_at=moment_in(record, "merged_at"),
        url=record.get("html_url") or record.get("url"),
    )


def issue_of(record: Record, repository_id: RepositoryId) -> Issue:
    state, number = text(record, "state").lower(), record.get("number", record.get("issue_number"))
    if state not in {"open", "closed"} or not is_item_number(number):
        raise Unreadable
    return Issue(
        repository_id=repository_id,
        number=number,
        github_id=number_in(record["id"]),
        state=State(state),
        state_reason=record.get("state_reason"),
        title=text(record, "title"),
        body=record.get("body"),
        author=record.get("user_login") or record.get("author_login") or record.get("author") or None,
        author_id=record.get("user_id") or number_in(record.get("author_id")),
        is_locked=record.get("locked"),
        labels=names(record.get("labels")),
        assignees=names(record.get("assignee_logins", record.get("assignees"))),
        milestone=record.get("milestone_title"),
        comments=record.get("comments_count"),
        closed_by=record.get("closed_by_login"),
        created_at=moment_in(record, "created_at") or moment_in(record, "date_created"),
        updated_at=moment_in(record, "updated_at") or moment_in(record, "date_last_modified"),
        closed_at=moment_in(record, "closed_at"),
        url=record.get("html_url") or record.get("url"),
    )


def commit_of(record: Record, repository_id: RepositoryId) -> Commit:
    author: Record = record.get("author") or {}
    parts = parts_of(record)
    sha = (record.get("sha") or (parts[6] if parts[5] == "commit" else "")).lower()
    if not SHA.fullmatch(sha):
        raise Unreadable
    return Commit(
        repository_id=repository_id,
        sha=sha,
        message=text(record, "message"),
        author=record.get("author_login") or author.get("login") or author.get("id") or None,
        author_name=record.get("author_name"),
        author_email=record.get("author_email"),
        authored_at=moment_in(record, "author_date") or moment_in(record, "date"),
        committer=record.get("committer_login") or None,
        committer_name=record.get("committer_name"),
        committer_email=record.get("committer_email"),
        committed_at=moment_in(record, "committer_date"),
        parents=names(record.get("parent_shas")),
        is_verified=record.get("verified"),
        verification_reason=record.get("verification_reason"),
        url=record.get("html_url") or record.get("url"),
    )


def name_in(kind: ReplicaKind, record: Record) -> str | None:
    parts = parts_of(record)
    owner, name = record.get("repository_owner"), record.get("repository_name")
    if parts[5] == PAGES[kind]:
        found: str | None = f"{parts[3]}/{parts[4]}"
    elif owner and name:
        found = f"{owner}/{name}"
    elif record.get("owner") and record.get("repo"):
        found = f"{record['owner']}/{record['repo']}"
    else:
        found = record.get("repo_full_name") or (record["id"].split(":")[0] if is_named(record) else None)
    return found.lower() if found else None


def is_named(record: Record) -> bool:
    return bool(re.fullmatch(r"[^/]+/.*:.*:.*", str(record.get("id"))))


def is_pull_request_among_issues(kind: ReplicaKind, record: Record) -> bool:
    return kind is ReplicaKind.ISSUES and (record.get("pull_request") is not None or parts_of(record)[5] == "pull")


def parts_of(record: Record) -> list[str]:
    page = record.get("html_url") or record.get("url") or ""
    return [*str(page).split("/"), "", "", "", "", "", "", ""]


def text(record: Record, name: str) -> str:
    found = record.get(name)
    if not isinstance(found, str):
        raise Unreadable
    return found


def names(given: Sequence[str | Record] | None) -> tuple[str, ...] | None:
    return tuple(names_among(given)) if isinstance(given, list) else None


def names_among(given: Sequence[Any]) -> Iterator[str]:
    for one in given:
        told = cast("Record", one) if isinstance(one, dict) else {"name": one}
        name = told.get("login") or told.get("name") or told.get("id")
        if isinstance(name, str):
            yield name


def is_item_number(number: object) -> TypeGuard[int]:
    return isinstance(number, int) and 0 < number < 2**31


def number_in(given: str | int | None) -> int | None:
    return int(given) if given is not None and NUMBER.fullmatch(str(given)) else None


def moment(given: str) -> datetime:
    return datetime.fromisoformat(given)


def moment_in(record: Record, name: str) -> datetime | None:
    given = record.get(name)
    found = moment(given) if given else None
    return found if found is not None and EARLIEST <= found <= LATEST else None
