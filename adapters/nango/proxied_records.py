"""GitHub's own lists, read through Nango's proxy as if they were records of Nango's syncs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

import msgspec

from adapters.nango import list_documents as documents
from adapters.nango.budget import Share
from adapters.nango.calls import Answer
from adapters.nango.client import NangoClient
from adapters.nango.github_refusals import NOT_FOR_APPS, forbidden_words, to_installation
from adapters.nango.list_places import Place, in_seconds
from adapters.nango.list_records import commit_record, issue_record, pull_request_record, with_metadata
from adapters.nango.pages import PAGE_SIZE
from adapters.nango.proxied_github import ProxiedGitHub
from application.ports.synced_records import SyncedRecords
from domain.connection import ConnectionKind
from domain.errors import DomainError, UpstreamMisconfigured
from domain.repository import RepositoryId
from domain.sync import Position, RecordPage, ReplicaKind, Sync

# GitHub's clock is not ours; and commits are pushed later than they are made.
OVERLAPS: Final = {
    ReplicaKind.PULL_REQUESTS: timedelta(minutes=5),
    ReplicaKind.ISSUES: timedelta(minutes=5),
    ReplicaKind.COMMITS: timedelta(days=1),
}
PERMISSIONS: Final = {
    ReplicaKind.PULL_REQUESTS: "pull requests: read",
    ReplicaKind.ISSUES: "issues: read",
    ReplicaKind.COMMITS: "contents: read",
}
# A repository without commits, and one with its issues switched off.
EMPTY: Final = {
    (ReplicaKind.COMMITS, HTTPStatus.CONFLICT),
    (ReplicaKind.ISSUES, HTTPStatus.GONE),
}
# As they were made, so that nothing moves; or the latest changed first, so that what moves only comes twice.
EVERYTHING: Final = {"state": "all", "sort": "created", "direction": "asc"}
CHANGED: Final = {"state": "all", "sort": "updated", "direction": "desc"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxiedRecords(SyncedRecords):
    """A page costs one call of the share, the first one of commits two; their branch is the default one.

    GitHub's lists move while they are read. What changes after its page was read comes with the next run, which goes
    on from when this one began. Missed until the weekly full run are: commits that were pushed more than a day after
    they were made, what was deleted, and what a force push, or an issue's deletion, moved from a page that was to come
    to one that was read. The full run may miss the last of these, and so have something deleted that is there: then it
    comes back when it changes, or a week later.
    """

    client: NangoClient
    integration: str
    share: Share = Share.SYNC

    async def page(self, sync: Sync, position: Position) -> RecordPage:
        """Read one; `through` says until when the list is known to be complete."""
        now = datetime.fromtimestamp(self.client.now(), UTC)
        place, github = Place.of(position, now), self._through(sync)
        repository_id = RepositoryId(int(sync.key.variant))
        if sync.key.kind is ReplicaKind.COMMITS and place.branch is None:
            branch = await self._default_branch(github, repository_id)
            place = replace(place, branch=branch)
        since = None if place.since is None else place.since - OVERLAPS[sync.key.kind]
        answer = await self._ask(github, sync.key.kind, repository_id, place, since)
        if answer is None:
            return _page([], None, place)
        records, count, is_behind = _records(answer, sync.key.kind, repository_id, place.branch or "", since)
        following = None if is_behind else place.following(answer.headers, is_full=count == PAGE_SIZE)
        return _page([with_metadata(record, now) for record in records], following, place)

    def _through(self, sync: Sync) -> ProxiedGitHub:
        return ProxiedGitHub(
            client=self.client,
            share=self.share,
            integration=self.integration,
            kind=ConnectionKind.REPOSITORY,
            connection_id=sync.key.connection_id,
            reads=to_installation,
        )

    async def _default_branch(self, github: ProxiedGitHub, repository_id: RepositoryId) -> str:
        answer = await github.get("/repositories/{id}", f"/repositories/{repository_id:d}")
        return github.ok(answer).decode(documents.DefaultBranch).default_branch

    async def _ask(
        self,
        github: ProxiedGitHub,
        kind: ReplicaKind,
        repository_id: RepositoryId,
        place: Place,
        since: datetime | None,
    ) -> Answer | None:
        """Return the list's page; None if there is no such list, as there is nothing to be in it."""
        answer = await github.get(
            f"/repositories/{{id}}/{kind}",
            f"/repositories/{repository_id:d}/{kind}",
            {"per_page": str(PAGE_SIZE), **place.query, **_which(kind, place.branch, since)},
            is_large=True,
        )
        if answer.status == HTTPStatus.OK:
            return answer
        if (kind, answer.status) in EMPTY:
            return None
        raise _meaning(github, answer, kind)


def _which(kind: ReplicaKind, branch: str | None, since: datetime | None) -> Mapping[str, str]:
    # GitHub takes a `since` of 1970 for an empty list: there is none for everything.
    bound = {} if since is None else {"since": in_seconds(since)}
    if kind is ReplicaKind.COMMITS:
        return {"sha": branch or "", **bound}
    if since is None:
        return EVERYTHING
    # The list of pull requests takes no `since`.
    return {**CHANGED, **bound} if kind is ReplicaKind.ISSUES else CHANGED


def _meaning(github: ProxiedGitHub, answer: Answer, kind: ReplicaKind) -> DomainError:
    if NOT_FOR_APPS in forbidden_words(answer, github.general_meaning(answer)):
        return UpstreamMisconfigured(f"{answer.call}: the GitHub App lacks a permission ({PERMISSIONS[kind]})")
    return github.meaning(answer)


def _records(
    answer: Answer, kind: ReplicaKind, repository_id: RepositoryId, branch: str, since: datetime | None
) -> tuple[Sequence[dict[str, Any]], int, bool]:
    """Read a page: its records, how many documents it had, and whether it came to what did not change since."""
    if kind is ReplicaKind.COMMITS:
        commits = answer.decode(list[documents.Commit])
        return [commit_record(one, repository_id, branch) for one in commits], len(commits), False
    if kind is ReplicaKind.ISSUES:
        issues = answer.decode(list[documents.Issue])
        return [issue_record(one) for one in issues if one.pull_request is None], len(issues), False
    pulls = answer.decode(list[documents.PullRequest])
    changed = [one for one in pulls if since is None or one.updated_at >= since]
    return [pull_request_record(one) for one in changed], len(pulls), len(changed) < len(pulls)


def _page(records: Sequence[dict[str, Any]], following: Place | None, place: Place) -> RecordPage:
    return RecordPage(
        records=msgspec.json.encode(records),
        count=len(records),
        cursor=place.cursor_of_next_run if following is None else following.cursor,
        through=place.began_at if following is None else place.since,
        is_last=following is None,
    )
