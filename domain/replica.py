"""Pull requests, commits and issues as they were synced; whatever a model cannot give is None."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from domain.repository import RepositoryId

# Where a commit without a date stands in the order: behind all others.
UNDATED: Final = datetime.min.replace(tzinfo=UTC)


class State(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """`author`, `assignees` and `reviewers` (who were asked) are login names; `is_merged` is told of closed ones."""

    repository_id: RepositoryId
    number: int
    github_id: int | None = None
    state: State
    title: str
    body: str | None = None
    author: str | None = None
    author_id: int | None = None
    is_draft: bool | None = None
    is_merged: bool | None = None
    is_locked: bool | None = None
    base_ref: str | None = None
    base_sha: str | None = None
    head_ref: str | None = None
    head_sha: str | None = None
    merge_commit_sha: str | None = None
    labels: Sequence[str] | None = None
    assignees: Sequence[str] | None = None
    reviewers: Sequence[str] | None = None
    review_decision: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    closed_at: datetime | None = None
    merged_at: datetime | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """No pull request; `labels` and `assignees` are names, `comments` is their number."""

    repository_id: RepositoryId
    number: int
    github_id: int | None = None
    state: State
    state_reason: str | None = None
    title: str
    body: str | None = None
    author: str | None = None
    author_id: int | None = None
    is_locked: bool | None = None
    labels: Sequence[str] | None = None
    assignees: Sequence[str] | None = None
    milestone: str | None = None
    comments: int | None = None
    closed_by: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    closed_at: datetime | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """`author` and `committer` are login names, if GitHub knows whose they are; `branches` where it was seen."""

    repository_id: RepositoryId
    sha: str
    message: str
    author: str | None = None
    author_name: str | None = None
    author_email: str | None = None
    authored_at: datetime | None = None
    committer: str | None = None
    committer_name: str | None = None
    committer_email: str | None = None
    committed_at: datetime | None = None
    parents: Sequence[str] | None = None
    is_verified: bool | None = None
    verification_reason: str | None = None
    url: str | None = None
    branches: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFilter:
    """Which pull requests or issues to list; `text` is a part of the title, in any case.

    `since` and `until` are about when one was last updated: one of which that is not known is left out by them.
    """

    state: State | None = None
    author: str | None = None
    label: str | None = None
    branch: str | None = None
    """The base or the head of a pull request; an issue has none."""
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None

    @property
    def is_scan(self) -> bool:
        """Tell whether one after the other has to be looked at: only states and authors are looked up."""
        return any(one is not None for one in (self.label, self.branch, self.since, self.until, self.text))


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitFilter:
    """Which commits to list; `author` is a login, a name or an e-mail address, `text` a part of the message."""

    author: str | None = None
    branch: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None

    @property
    def is_scan(self) -> bool:
        """Tell whether one after the other has to be looked at: only times are looked up."""
        return any(one is not None for one in (self.author, self.branch, self.text))


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitPlace:
    """Behind which commit a page begins; in the order of `ordered_at`, then of `sha`, both falling."""

    ordered_at: datetime
    """When it was committed, or else authored, or `UNDATED`."""
    sha: str
