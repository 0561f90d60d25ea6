"""Synced pull requests, commits and issues as they are sent; what a sync did not give is null."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from domain.replica import Commit, Issue, PullRequest, State


class SyncedPullRequest(msgspec.Struct, frozen=True, rename="camel"):
    """`author`, `assignees` and `reviewers` (who were asked) are login names."""

    number: int
    github_id: int | None
    title: str
    body: str | None
    author: str | None
    author_id: int | None
    state: State
    draft: bool | None
    merged: bool | None
    locked: bool | None
    base: str | None
    base_sha: str | None
    head: str | None
    head_sha: str | None
    merge_commit_sha: str | None
    labels: Sequence[str] | None
    assignees: Sequence[str] | None
    reviewers: Sequence[str] | None
    review_decision: str | None
    created_at: datetime | None
    updated_at: datetime | None
    closed_at: datetime | None
    merged_at: datetime | None
    url: str | None

    @classmethod
    def of(cls, pull: PullRequest) -> "SyncedPullRequest":
        return cls(
            number=pull.number,
            github_id=pull.github_id,
            title=pull.title,
            body=pull.body,
            author=pull.author,
            author_id=pull.author_id,
            state=pull.state,
            draft=pull.is_draft,
            merged=pull.is_merged,
            locked=pull.is_locked,
            base=pull.base_ref,
            base_sha=pull.base_sha,
            head=pull.head_ref,
            head_sha=pull.head_sha,
            merge_commit_sha=pull.merge_commit_sha,
            labels=pull.labels,
            assignees=pull.assignees,
            reviewers=pull.reviewers,
            review_decision=pull.review_decision,
            created_at=pull.created_at,
            updated_at=pull.updated_at,
            closed_at=pull.closed_at,
            merged_at=pull.merged_at,
            url=pull.url,
        )


class SyncedIssue(msgspec.Struct, frozen=True, rename="camel"):
    """`author`, `assignees` and `closedBy` are login names; `comments` is their number."""

    number: int
    github_id: int | None
    title: str
    body: str | None
    author: str | None
    author_id: int | None
    state: State
    state_reason: str | None
    locked: bool | None
    labels: Sequence[str] | None
    assignees: Sequence[str] | None
    milestone: str | None
    comments: int | None
    closed_by: str | None
    created_at: datetime | None
    updated_at: datetime | None
    closed_at: datetime | None
    url: str | None

    @classmethod
    def of(cls, issue: Issue) -> "SyncedIssue":
        return cls(
            number=issue.number,
            github_id=issue.github_id,
            title=issue.title,
            body=issue.body,
            author=issue.author,
            author_id=issue.author_id,
            state=issue.state,
            state_reason=issue.state_reason,
            locked=issue.is_locked,
            labels=issue.labels,
            assignees=issue.assignees,
            milestone=issue.milestone,
            comments=issue.comments,
            closed_by=issue.closed_by,
            created_at=issue.created_at,
            updated_at=issue.updated_at,
            closed_at=issue.closed_at,
            url=issue.url,
        )


class SyncedCommit(msgspec.Struct, frozen=True, rename="camel"):
    """`author` and `committer` are login names, if GitHub knows whose they are; `branches` where it was seen."""

    sha: str
    message: str
    author: str | None
    author_name: str | None
    author_email: str | None
    authored_at: datetime | None
    committer: str | None
    committer_name: str | None
    committer_email: str | None
    committed_at: datetime | None
    parents: Sequence[str] | None
    verified: bool | None
    verification_reason: str | None
    branches: Sequence[str]
    url: str | None

    @classmethod
    def of(cls, commit: Commit) -> "SyncedCommit":
        return cls(
            sha=commit.sha,
            message=commit.message,
            author=commit.author,
            author_name=commit.author_name,
            author_email=commit.author_email,
            authored_at=commit.authored_at,
            committer=commit.committer,
            committer_name=commit.committer_name,
            committer_email=commit.committer_email,
            committed_at=commit.committed_at,
            parents=commit.parents,
            verified=commit.is_verified,
            verification_reason=commit.verification_reason,
            branches=commit.branches,
            url=commit.url,
        )


class PullRequestsResponse(msgspec.Struct, frozen=True):
    """A page by falling numbers; `next` goes into `after` for the one behind it, and is null on the last."""

    pulls: Sequence[SyncedPullRequest]
    next: str | None


class IssuesResponse(msgspec.Struct, frozen=True):
    """A page by falling numbers; `next` goes into `after` for the one behind it, and is null on the last."""

    issues: Sequence[SyncedIssue]
    next: str | None


class CommitsResponse(msgspec.Struct, frozen=True):
    """A page, the newest first; `next` goes into `after` for the one behind it, and is null on the last."""

    commits: Sequence[SyncedCommit]
    next: str | None
