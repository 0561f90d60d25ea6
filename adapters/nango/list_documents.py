"""What we read of GitHub's lists of pull requests, commits and issues."""

from typing import Annotated

import msgspec
from msgspec import Meta

from adapters.nango.content_documents import Moment
from adapters.nango.github_documents import Id

Number = Annotated[int, Meta(gt=0)]


class Account(msgspec.Struct, frozen=True, gc=False):
    """Of somebody who is gone, or an empty object for somebody whom GitHub does not know."""

    login: str | None = None
    id: int | None = None


class Label(msgspec.Struct, frozen=True, gc=False):
    name: str | None = None


class Milestone(msgspec.Struct, frozen=True, gc=False):
    title: str


class Branch(msgspec.Struct, frozen=True, gc=False):
    ref: str | None = None
    sha: str | None = None


class Conversation(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What pull requests and issues have in common."""

    id: Id
    number: Number
    state: str
    title: str
    html_url: str
    created_at: Moment
    updated_at: Moment
    closed_at: Moment | None = None
    body: str | None = None
    user: Account | None = None
    locked: bool = False
    labels: list[Label | str] = []
    assignees: list[Account] | None = None


class PullRequest(Conversation, frozen=True, gc=False, kw_only=True):
    head: Branch
    base: Branch
    merged_at: Moment | None = None
    merge_commit_sha: str | None = None
    draft: bool | None = None
    requested_reviewers: list[Account] | None = None


class PullRequestLink(msgspec.Struct, frozen=True, gc=False):
    """Whatever it says."""


class Issue(Conversation, frozen=True, gc=False, kw_only=True):
    """With `pull_request` it is one, which the list has too."""

    state_reason: str | None = None
    milestone: Milestone | None = None
    comments: int | None = None
    closed_by: Account | None = None
    pull_request: PullRequestLink | None = None


class Signature(msgspec.Struct, frozen=True, gc=False):
    """Who git says it was."""

    name: str | None = None
    email: str | None = None
    date: Moment | None = None


class Verification(msgspec.Struct, frozen=True, gc=False):
    verified: bool | None = None
    reason: str | None = None


class GitCommit(msgspec.Struct, frozen=True, gc=False):
    message: str
    author: Signature | None = None
    committer: Signature | None = None
    verification: Verification | None = None


class Parent(msgspec.Struct, frozen=True, gc=False):
    sha: str


class Commit(msgspec.Struct, frozen=True, gc=False):
    """`author` and `committer` are the accounts that GitHub takes them for."""

    sha: str
    html_url: str
    commit: GitCommit
    author: Account | None = None
    committer: Account | None = None
    parents: list[Parent] = []


class DefaultBranch(msgspec.Struct, frozen=True):
    """The answer of `GET /repositories/{id}`."""

    default_branch: str
