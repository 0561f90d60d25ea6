"""Synced pull requests, commits and issues of repositories that were granted."""

from http import HTTPStatus
from typing import Annotated, Any, Final

from litestar import Request, Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, QueryParameter

from application.replica.list_commits import ListCommits
from application.replica.list_issues import ListIssues
from application.replica.list_pull_requests import ListPullRequests
from domain.errors import Invalid
from domain.replica import CommitFilter, ItemFilter, State
from domain.session import Principal
from entrypoints.http.conditional import NOT_MODIFIED, answer
from entrypoints.http.numbers import repository_named
from entrypoints.http.places import (
    LONGEST_PLACE,
    after_commit,
    after_number,
    commit_after,
    number_after,
    period_named,
)
from entrypoints.http.problems import problems
from entrypoints.http.replica_documents import (
    CommitsResponse,
    IssuesResponse,
    PullRequestsResponse,
    SyncedCommit,
    SyncedIssue,
    SyncedPullRequest,
)
from entrypoints.http.repositories import LINE, MOST_AT_ONCE

LISTED: Final = NOT_MODIFIED | problems(
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
PAGED: Final = frozenset({"since", "until", "q", "limit", "after"})
OF_ITEMS: Final = PAGED | {"state", "author", "label"}
OF_PULL_REQUESTS: Final = OF_ITEMS | {"branch"}
OF_COMMITS: Final = PAGED | {"author", "branch"}
# To Litestar, `state` itself means something else, and it would name another parameter in its refusal.
Standing = Annotated[str | None, QueryParameter(name="state", schema_extra={"enum": list(State)})]
Name = Annotated[str | None, QueryParameter(min_length=1, max_length=255, pattern=LINE)]
Time = Annotated[str | None, QueryParameter(max_length=40, description="A time with its zone (RFC 3339).")]
Text = Annotated[str | None, QueryParameter(max_length=200, pattern=LINE)]
Limit = Annotated[int, QueryParameter(ge=1, le=MOST_AT_ONCE)]
Place = Annotated[str | None, QueryParameter(max_length=LONGEST_PLACE)]


def issue_filter(
    standing: Standing = None,
    author: Name = None,
    label: Name = None,
    since: Time = None,
    until: Time = None,
    q: Text = None,
) -> ItemFilter:
    begin, end = period_named(since, until)
    return ItemFilter(state=state_named(standing), author=author, label=label, since=begin, until=end, text=q or None)


def pull_request_filter(
    standing: Standing = None,
    author: Name = None,
    label: Name = None,
    branch: Name = None,
    since: Time = None,
    until: Time = None,
    q: Text = None,
) -> ItemFilter:
    begin, end = period_named(since, until)
    return ItemFilter(
        state=state_named(standing), author=author, label=label, branch=branch, since=begin, until=end, text=q or None
    )


def commit_filter(
    author: Name = None, branch: Name = None, since: Time = None, until: Time = None, q: Text = None
) -> CommitFilter:
    begin, end = period_named(since, until)
    return CommitFilter(author=author, branch=branch, since=begin, until=end, text=q or None)


@get(
    "/repos/{repository_id:str}/pulls",
    operation_id="listPullRequests",
    dependencies={"wanted": Provide(pull_request_filter, sync_to_thread=False)},
    responses=LISTED,
)
async def get_pull_requests(
    request: Request[Principal, str, Any],
    repository_id: FromPath[str],
    list_pull_requests: NamedDependency[ListPullRequests],
    wanted: NamedDependency[ItemFilter],
    limit: Limit = 30,
    after: Place = None,
) -> Response[PullRequestsResponse]:
    """List pull requests as they were last synced; `branch` is a base or a head, `q` a part of the title."""
    refuse_others(request, OF_PULL_REQUESTS)
    repository, before = repository_named(repository_id), number_after(after)
    pulls, has_more = await list_pull_requests(request.user.user_id, repository, wanted, before, limit)
    page = PullRequestsResponse(
        pulls=[SyncedPullRequest.of(pull) for pull in pulls],
        next=after_number(pulls[-1].number) if has_more else None,
    )
    return answer(request, page)


@get(
    "/repos/{repository_id:str}/issues",
    operation_id="listIssues",
    dependencies={"wanted": Provide(issue_filter, sync_to_thread=False)},
    responses=LISTED,
)
async def get_issues(
    request: Request[Principal, str, Any],
    repository_id: FromPath[str],
    list_issues: NamedDependency[ListIssues],
    wanted: NamedDependency[ItemFilter],
    limit: Limit = 30,
    after: Place = None,
) -> Response[IssuesResponse]:
    """List issues as they were last synced, without pull requests; `q` is a part of the title."""
    refuse_others(request, OF_ITEMS)
    repository, before = repository_named(repository_id), number_after(after)
    issues, has_more = await list_issues(request.user.user_id, repository, wanted, before, limit)
    page = IssuesResponse(
        issues=[SyncedIssue.of(issue) for issue in issues],
        next=after_number(issues[-1].number) if has_more else None,
    )
    return answer(request, page)


@get(
    "/repos/{repository_id:str}/commits",
    operation_id="listCommits",
    dependencies={"wanted": Provide(commit_filter, sync_to_thread=False)},
    responses=LISTED,
)
async def get_commits(
    request: Request[Principal, str, Any],
    repository_id: FromPath[str],
    list_commits: NamedDependency[ListCommits],
    wanted: NamedDependency[CommitFilter],
    limit: Limit = 30,
    after: Place = None,
) -> Response[CommitsResponse]:
    """List commits as they were last synced; `author` is a login, a name or an e-mail, `q` a part of the message."""
    refuse_others(request, OF_COMMITS)
    repository, place = repository_named(repository_id), commit_after(after)
    commits, behind = await list_commits(request.user.user_id, repository, wanted, place, limit)
    page = CommitsResponse(
        commits=[SyncedCommit.of(commit) for commit in commits],
        next=after_commit(behind) if behind else None,
    )
    return answer(request, page)


def state_named(text: str | None) -> State | None:
    try:
        return None if text is None else State(text)
    except ValueError:
        raise Invalid("state must be open or closed; both are listed without it") from None


def refuse_others(request: Request[Any, Any, Any], known: frozenset[str]) -> None:
    """Refuse a filter that is none here, or is there twice: a list would be taken for one that it did shorten."""
    if unknown := sorted(set(request.query_params) - known):
        raise Invalid(f"there is no filter `{unknown[0][:40]}` here; there are {', '.join(sorted(known))}")
    if repeated := sorted(name for name in known if len(request.query_params.getall(name, [])) > 1):
        raise Invalid(f"{repeated[0]} must be there once: a list is shortened by one of each")
