"""Histories of repositories: made up in bulk, and changed one by one."""

from datetime import timedelta
from typing import Annotated, Literal

import msgspec
from litestar import delete, patch, post
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException, NotFoundException
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Meta, UnsetType

from entrypoints.sandbox.control.finding import person_of, repository_of
from entrypoints.sandbox.github.history import Commit, Label
from entrypoints.sandbox.github.made_up_history import Amount, close, next_commit, write_history
from entrypoints.sandbox.github.model import Account, Issue, PullRequest, Repository
from entrypoints.sandbox.sandbox import Sandbox

A_YEAR = timedelta(days=365)

Count = Annotated[int, Meta(ge=0, le=100_000)]


class NewHistory(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    commits: Count = 0
    pulls: Count = 0
    issues: Count = 0
    people: list[str] = []


class History(msgspec.Struct, frozen=True):
    branches: dict[str, int]
    pulls: int
    issues: int


class Push(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    author: str
    messages: list[str] = []
    branch: str | None = None
    drop: Count = 0
    days_ago: float = 0.0


class Pushed(msgspec.Struct, frozen=True):
    added: list[str]
    dropped: list[str]


class IssueChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: str | UnsetType = UNSET
    body: str | UnsetType | None = UNSET
    state: Literal["open", "closed"] | UnsetType = UNSET
    state_reason: Literal["completed", "not_planned", "reopened"] | UnsetType | None = UNSET
    merged: Literal[True] | UnsetType = UNSET
    locked: bool | UnsetType = UNSET
    draft: bool | UnsetType = UNSET
    labels: list[str] | UnsetType = UNSET
    assignees: list[str] | UnsetType = UNSET
    reviewers: list[str] | UnsetType = UNSET
    milestone: str | UnsetType | None = UNSET


def people_of(sandbox: Sandbox, logins: list[str]) -> list[Account]:
    return [person_of(sandbox, login) for login in logins] or sandbox.world.people()


def issue_of(sandbox: Sandbox, repository_id: int, number: int) -> Issue:
    issue = repository_of(sandbox, repository_id).issues.get(number)
    if issue is None:
        raise NotFoundException(f"no issue or pull request here has the number {number}")
    return issue


def shown(repository: Repository) -> History:
    pulls = sum(isinstance(issue, PullRequest) for issue in repository.issues.values())
    branches = {branch: len(commits) for branch, commits in repository.branches.items()}
    return History(branches=branches, pulls=pulls, issues=len(repository.issues) - pulls)


@post("/repositories/{repository_id:int}/history")
async def post_history(
    sandbox: NamedDependency[Sandbox], repository_id: FromPath[int], data: JSONBody[NewHistory]
) -> History:
    """Add made-up commits, pull requests and issues by these people (or anybody), spread over the last year."""
    repository, now = repository_of(sandbox, repository_id), sandbox.now()
    amount = Amount(commits=data.commits, pulls=data.pulls, issues=data.issues)
    write_history(repository, people_of(sandbox, data.people), amount, now - A_YEAR, now)
    return shown(repository)


@post("/repositories/{repository_id:int}/pushes")
async def post_push(sandbox: NamedDependency[Sandbox], repository_id: FromPath[int], data: JSONBody[Push]) -> Pushed:
    """Push commits to a branch (the default one if none is named).

    A forced push makes the latest `drop` commits leave the branch first. Commits may be dated some days back, as
    rebased or late ones are.
    """
    repository, author = repository_of(sandbox, repository_id), person_of(sandbox, data.author)
    branch = data.branch or repository.default_branch
    at = (sandbox.now() - timedelta(days=data.days_ago)).replace(microsecond=0)
    known = repository.branches.get(branch, [*repository.branches.get(repository.default_branch, [])])
    remaining = max(len(known) - data.drop, 0)
    kept, dropped = known[:remaining], known[remaining:]
    repository.branches[branch] = kept
    added: list[Commit] = []
    for message in data.messages:
        added.append(next_commit(repository, branch, [author], at, message))
        kept.append(added[-1])
    return Pushed(added=[one.sha for one in added], dropped=[one.sha for one in dropped])


@patch("/repositories/{repository_id:int}/issues/{number:int}", status_code=204)
async def patch_issue(
    sandbox: NamedDependency[Sandbox], repository_id: FromPath[int], number: FromPath[int], data: JSONBody[IssueChange]
) -> None:
    """Change an issue or a pull request, which is thereby updated now; a pull request can be `merged`."""
    issue = issue_of(sandbox, repository_id, number)
    only_pulls = (data.merged, data.draft, data.reviewers)
    if not isinstance(issue, PullRequest) and any(one is not UNSET for one in only_pulls):
        raise HTTPException("this is no pull request", status_code=422)
    changes: dict[str, object] = {
        name: getattr(data, name)
        for name in ("title", "body", "state", "state_reason", "locked", "draft", "milestone")
        if getattr(data, name) is not UNSET
    }
    if data.labels is not UNSET:
        changes["labels"] = tuple(Label(200 + place, name) for place, name in enumerate(data.labels))
    if data.assignees is not UNSET:
        changes["assignee_ids"] = tuple(person_of(sandbox, login).id for login in data.assignees)
    if data.reviewers is not UNSET:
        changes["reviewer_ids"] = tuple(person_of(sandbox, login).id for login in data.reviewers)
    for name, value in changes.items():
        setattr(issue, name, value)
    issue.updated_at = sandbox.now()
    if data.state is not UNSET:
        issue.closed_at = sandbox.now() if data.state == "closed" else None
        if data.state_reason is UNSET and not isinstance(issue, PullRequest):
            issue.state_reason = "completed" if data.state == "closed" else "reopened"
    if isinstance(issue, PullRequest) and data.merged is not UNSET:
        close(issue, sandbox.now(), merge=True)


@delete("/repositories/{repository_id:int}/issues/{number:int}", status_code=204)
async def delete_issue(sandbox: NamedDependency[Sandbox], repository_id: FromPath[int], number: FromPath[int]) -> None:
    """Delete an issue, or a pull request, which GitHub itself does only with issues."""
    issue = issue_of(sandbox, repository_id, number)
    repository_of(sandbox, repository_id).delete_issue(issue.number)
