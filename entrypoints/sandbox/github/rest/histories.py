"""Lists of a repository's commits, pull requests and issues."""

from collections.abc import Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Final, Literal, TypeVar

from entrypoints.sandbox.github.documents import github_time
from entrypoints.sandbox.github.exchange import UpstreamAnswer
from entrypoints.sandbox.github.history import Commit, Signature
from entrypoints.sandbox.github.model import Issue, PullRequest, Repository
from entrypoints.sandbox.github.rest.call import NOT_FOR_APPS, Call
from entrypoints.sandbox.github.rest.discussion_documents import (
    address_of,
    author_document,
    issue_document,
    listed_pull_document,
)
from entrypoints.sandbox.github.rest.repositories import Seen
from entrypoints.sandbox.wire import Json, JsonObject

PULLS: Final = "https://docs.github.com/rest/pulls/pulls#list-pull-requests"
ISSUES: Final = "https://docs.github.com/rest/issues/issues#list-repository-issues"
COMMITS: Final = "https://docs.github.com/rest/commits/commits#list-commits"
BEFORE_GITHUB: Final = datetime(2000, 1, 1, tzinfo=UTC)

Listed = TypeVar("Listed", bound=Issue)
Order = Literal["created_at", "last_changed_at"]


def pull_requests(call: Call, seen: Seen) -> UpstreamAnswer:
    """List pull requests; unless asked otherwise the newest first, or by another order its least first."""
    if seen.lacks(call, "pull_requests"):
        return call.refuse(403, NOT_FOR_APPS, PULLS)
    base = call.request.parameter("base")
    pulls = [
        one
        for one in seen.repository.issues.values()
        if isinstance(one, PullRequest) and base in {"", one.base or seen.repository.default_branch}
    ]
    order = _order(call)
    found = _sorted(call, _in_state(call, pulls), order, newest_first=order == "created_at")
    documents: list[Json] = [listed_pull_document(call, seen.repository, one) for one in call.page.of(found)]
    return call.answer(documents, headers=call.links(len(found)))


def issues(call: Call, seen: Seen) -> UpstreamAnswer:
    """List issues, and pull requests among them; of the time before GitHub nothing is found, not even what is newer."""
    if seen.lacks(call, "issues"):
        return call.refuse(403, NOT_FOR_APPS, ISSUES)
    since = _since(call)
    known = [*seen.repository.issues.values()] if since is None or since > BEFORE_GITHUB else []
    found = [one for one in _in_state(call, known) if since is None or one.last_changed_at >= since]
    found = _sorted(call, found, _order(call), newest_first=True)
    documents: list[Json] = [issue_document(call, seen.repository, one) for one in call.page.of(found)]
    return call.answer(documents, headers=call.links(len(found)))


def commits(call: Call, seen: Seen) -> UpstreamAnswer:
    """List the commits of a branch, the newest first; since when goes by the committer's date."""
    repository = seen.repository
    if seen.lacks(call, "contents"):
        return call.refuse(403, NOT_FOR_APPS, COMMITS)
    if not repository.branches and not repository.files:
        return call.refuse(409, "Git Repository is empty.", COMMITS)
    history = _history(repository, call.request.parameter("sha") or repository.default_branch)
    if history is None:
        return call.not_found(COMMITS)
    since = _since(call)
    found = [one for one in reversed(history) if since is None or one.committer.date >= since]
    documents: list[Json] = [_commit_document(call, repository, one) for one in call.page.of(found)]
    return call.answer(documents, headers=call.links(len(found)))


def _history(repository: Repository, name: str) -> Sequence[Commit] | None:
    """Find the commits of a branch, or those up to a commit of one."""
    branch = name.removeprefix("refs/heads/")
    if branch in repository.branches:
        return repository.branches[branch]
    if branch == repository.default_branch:
        return []
    for history in repository.branches.values():
        shas = [commit.sha for commit in history]
        if name in shas:
            return history[: shas.index(name) + 1]
    return None


def _in_state(call: Call, issues: Sequence[Listed]) -> list[Listed]:
    state = call.request.parameter("state") or "open"
    return [one for one in issues if state in {"all", one.state}]


def _order(call: Call) -> Order:
    return "last_changed_at" if call.request.parameter("sort") == "updated" else "created_at"


def _sorted(call: Call, found: list[Listed], order: Order, *, newest_first: bool) -> list[Listed]:
    """Put them in order; they come by their numbers, which stay so among those of one moment."""
    is_reversed = (call.request.parameter("direction") or ("desc" if newest_first else "asc")) == "desc"
    return sorted(reversed(found) if is_reversed else found, key=attrgetter(order), reverse=is_reversed)


def _since(call: Call) -> datetime | None:
    """Read the moment, to the second; what is none is as if it were not there."""
    try:
        since = datetime.fromisoformat(call.request.parameter("since"))
    except ValueError:
        return None
    return (since if since.tzinfo else since.replace(tzinfo=UTC)).replace(microsecond=0)


def _commit_document(call: Call, repository: Repository, commit: Commit) -> JsonObject:
    address = address_of(call, repository)
    url = f"https://api.github.com/repos/{address}"
    parents: list[Json] = [
        {"sha": one, "url": f"{url}/commits/{one}", "html_url": f"https://github.com/{address}/commit/{one}"}
        for one in commit.parents
    ]
    return {
        "sha": commit.sha,
        "node_id": f"C_{commit.sha}",
        "commit": {
            "author": _signature_document(commit.author),
            "committer": _signature_document(commit.committer),
            "message": commit.message,
            "tree": {"sha": commit.sha, "url": f"{url}/git/trees/{commit.sha}"},
            "url": f"{url}/git/commits/{commit.sha}",
            "comment_count": 0,
            "verification": {"verified": False, "reason": "unsigned", "signature": None, "payload": None},
        },
        "url": f"{url}/commits/{commit.sha}",
        "html_url": f"https://github.com/{address}/commit/{commit.sha}",
        "comments_url": f"{url}/commits/{commit.sha}/comments",
        "author": _account_of(call, commit.author),
        "committer": _account_of(call, commit.committer),
        "parents": parents,
    }


def _signature_document(signature: Signature) -> JsonObject:
    return {"name": signature.name, "email": signature.email, "date": github_time(signature.date)}


def _account_of(call: Call, signature: Signature) -> Json:
    return None if signature.account_id is None else author_document(call, signature.account_id)
