"""Commits in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from application.ports.commits import Commits
from domain.replica import UNDATED, Commit, CommitFilter, CommitPlace
from domain.repository import RepositoryId
from tests.fakes.tables import Tables


class InMemoryCommits(Commits):
    def __init__(self, tables: Tables) -> None:
        self._rows = tables.commits
        self._sightings = tables.sightings

    async def list(
        self, repository_id: RepositoryId, wanted: CommitFilter, after: CommitPlace | None, limit: int
    ) -> Sequence[tuple[Commit, CommitPlace]]:
        found = [
            (commit, place_of(commit))
            for commit in self._standing(repository_id, wanted.branch)
            if is_wanted(commit, wanted) and (after is None or in_order(place_of(commit)) < in_order(after))
        ]
        return sorted(found, key=lambda pair: in_order(pair[1]), reverse=True)[:limit]

    async def count(self, repository_id: RepositoryId, at_most: int) -> int:
        return len(self._standing(repository_id)[:at_most])

    def _standing(self, repository_id: RepositoryId, branch: str | None = None) -> Sequence[Commit]:
        """List what is seen on a branch, on that one if it is named."""
        branches: dict[str, set[str]] = {}
        for (of, sha, name), sighting in self._sightings.items():
            if of == repository_id and sighting.deleted_at is None:
                branches.setdefault(sha, set()).add(name)
        return [
            replace(self._rows[repository_id, sha].entity, branches=tuple(sorted(names - {""})))
            for sha, names in branches.items()
            if branch is None or branch in names
        ]


def place_of(commit: Commit) -> CommitPlace:
    return CommitPlace(ordered_at=commit.committed_at or commit.authored_at or UNDATED, sha=commit.sha)


def in_order(place: CommitPlace) -> tuple[datetime, str]:
    return place.ordered_at, place.sha


def is_wanted(commit: Commit, wanted: CommitFilter) -> bool:
    at = place_of(commit).ordered_at
    authors = {(name or "").lower() for name in (commit.author, commit.author_name, commit.author_email)}
    return (
        (wanted.author is None or wanted.author.lower() in authors)
        and (wanted.since is None or at >= wanted.since)
        and (wanted.until is None or UNDATED < at < wanted.until)
        and (wanted.text is None or wanted.text.lower() in commit.message.lower())
    )
