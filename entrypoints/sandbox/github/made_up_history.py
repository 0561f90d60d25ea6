"""Histories that look like something, the same each time: commits, issues and pull requests spread over some time."""

import hashlib
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

from entrypoints.sandbox.github.history import Commit, Label, Signature
from entrypoints.sandbox.github.model import Account, ChangedFile, Issue, PullRequest, Repository

VERBS: Final = ("Fix", "Add", "Remove", "Rename", "Document", "Speed up", "Simplify", "Test")
THINGS: Final = (
    "the legend",
    "the projection",
    "tile loading",
    "the importer",
    "the search",
    "its settings",
    "zooming",
)
TROUBLES: Final = ("is slow", "is lost on reload", "shows twice", "fails on an empty map", "ignores the time zone")
LABELS: Final = (
    Label(101, "bug", "d73a4a"),
    Label(102, "enhancement", "a2eeef"),
    Label(103, "documentation", "0075ca"),
)
MILESTONES: Final = ("1.0", "1.1")
STRIDE: Final = 7919
"""A prime: steps of it go through a list in what looks like no order."""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    commits: int = 0
    pulls: int = 0
    issues: int = 0


def write_history(
    repository: Repository, people: Sequence[Account], amount: Amount, start: datetime, end: datetime
) -> None:
    """Add that much to a repository, on its default branch and after what it has."""
    span = end - start
    history = repository.branches.setdefault(repository.default_branch, [])
    for number in range(amount.commits):
        at = _whole(start + span * number / amount.commits)
        history.append(next_commit(repository, repository.default_branch, people, at))
    total, first = amount.pulls + amount.issues, repository.next_number()
    for place in range(total):
        at, number = _whole(start + span * place / total), first + place
        is_pull = place * amount.pulls // total != (place + 1) * amount.pulls // total
        make = _pull_request if is_pull else _issue
        repository.issues[number] = make(repository, people, number, at)


def next_commit(
    repository: Repository, branch: str, people: Sequence[Account], at: datetime, message: str | None = None
) -> Commit:
    """Make a commit on top of a branch.

    Without a message it is made up: now and then by somebody unknown to GitHub, or committed by GitHub itself.
    """
    history = repository.branches.get(branch, [])
    number, parents = len(history), tuple(one.sha for one in history[-1:])
    is_unknown, is_merged = message is None and number % 7 == 6, message is None and number % 5 == 0  # noqa: PLR2004 - now and then
    author = _signature(None if is_unknown else _pick(people, number), at)
    committer = Signature(name="GitHub", email="noreply@github.com", date=at) if is_merged else author
    text = message or f"{_pick(VERBS, number)} {_pick(THINGS, number // 3)}"
    sha = made_up_sha(f"{repository.id} {branch} {number} {parents} {text} {at}")
    return Commit(sha=sha, message=text, author=author, committer=committer, parents=parents)


def made_up_sha(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def _signature(person: Account | None, at: datetime) -> Signature:
    if person is None:
        return Signature(name="Robin Quist", email="robin@elsewhere.test", date=at)
    email = person.email or f"{person.id}+{person.login}@users.noreply.github.com"
    return Signature(name=person.name or person.login, email=email, date=at, account_id=person.id)


def _issue(repository: Repository, people: Sequence[Account], number: int, at: datetime) -> Issue:
    del repository
    issue = Issue(
        number=number,
        title=f"{_pick(THINGS, number).capitalize()} {_pick(TROUBLES, number // 2)}",
        body=None if number % 6 == 0 else "How to see it:\n\n1. Open the map.\n2. Wait.",
        author_id=_pick(people, number).id,
        created_at=at,
        labels=LABELS[: number % 3],
        assignee_ids=(_pick(people, number + 1).id,) if number % 2 else (),
        milestone=_pick(MILESTONES, number) if number % 4 == 0 else None,
        locked=number % 11 == 0,
    )
    if number % 3 == 0:
        issue.state, issue.state_reason = "closed", "not_planned" if number % 2 else "completed"
        issue.closed_at = issue.updated_at = at + timedelta(hours=5)
    return issue


def _pull_request(repository: Repository, people: Sequence[Account], number: int, at: datetime) -> PullRequest:
    verb, thing, history = _pick(VERBS, number), _pick(THINGS, number), repository.branches[repository.default_branch]
    before = bisect_right(history, at, key=lambda commit: commit.committer.date)
    author = _pick(people, number)
    pull = PullRequest(
        number=number,
        title=f"{verb} {thing}",
        body=None if number % 5 == 0 else f"{verb} {thing}, as was asked for.",
        author_id=author.id,
        created_at=at,
        draft=number % 7 == 0,
        branch=f"{author.login}/{verb.lower().replace(' ', '-')}-{number}",
        head_sha=made_up_sha(f"{repository.id} head {number}"),
        base_sha=history[before - 1].sha if before else None,
        labels=LABELS[: number % 3],
        assignee_ids=(author.id,) if number % 2 else (),
        reviewer_ids=(_pick(people, number + 1).id,) if number % 7 in {1, 5} else (),
        files=(ChangedFile(path=f"src/part_{number % 9}.py", additions=number % 40 + 1, deletions=number % 13),),
    )
    # Not a fifth: every fifth number may be of the same kind.
    if number % 7 not in {0, 5}:
        close(pull, at + timedelta(hours=9), merge=number % 7 not in {1, 2})
    return pull


def close(pull: PullRequest, at: datetime, *, merge: bool) -> None:
    pull.state, pull.closed_at, pull.updated_at = "closed", at, at
    if merge:
        pull.merged, pull.merged_at = True, at
        pull.merge_commit_sha = made_up_sha(f"{pull.head_sha} {pull.branch} merged")


def _pick(items: Sequence[Item], number: int) -> Item:
    return items[number * STRIDE % len(items)]


def _whole(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
