"""The syncs of the families `github-app` and `github`: they go by when they ran last, and notice no deletions.

The real ones ask GitHub's GraphQL, which is not here: its lists say the same.
"""

from datetime import datetime

from entrypoints.sandbox.github.documents import github_time
from entrypoints.sandbox.nango.syncs.old_documents import (
    old_commit_record,
    old_issue_record,
    old_pull_request_record,
)
from entrypoints.sandbox.nango.syncs.run import Place, Run, place_in


async def pull_requests(run: Run) -> None:
    """Read the one repository that the metadata names, as far as it changed since the latest run."""
    place, since = place_in(run.metadata), _text(run.state.last_read_at)
    async for page in run.pages(f"{place.path}/pulls", state="all", sort="updated", direction="desc"):
        fresh = [pull for pull in page if str(pull["updated_at"]) >= since]
        run.save(old_pull_request_record(place, pull) for pull in fresh)
        if len(fresh) < len(page):
            break


async def commits(run: Run) -> None:
    """Read a branch of that repository, since the latest run."""
    place, since = place_in(run.metadata), _text(run.state.last_read_at)
    query = {name: value for name, value in (("sha", place.branch), ("since", since)) if value}
    async for page in run.pages(f"{place.path}/commits", **query):
        run.save(old_commit_record(place, commit) for commit in page)


async def issues(run: Run) -> None:
    """Read all that the installation covers, unless the metadata names a repository or several."""
    since = _text(run.state.last_read_at)
    query = {"since": since} if since else {}
    for place in await _places_of_issues(run):
        async for page in run.pages(f"{place.path}/issues", state="all", sort="updated", direction="asc", **query):
            run.save(old_issue_record(place, issue) for issue in page if "pull_request" not in issue)


async def _places_of_issues(run: Run) -> list[Place]:
    if "owner" in run.metadata:
        return [place_in(run.metadata)]
    if "repositories" in run.metadata:
        return run.repositories()
    return [
        Place(*str(one["full_name"]).split("/"))
        async for page in run.pages("/installation/repositories", "repositories")
        for one in page
    ]


def _text(moment: datetime | None) -> str:
    return "" if moment is None else github_time(moment)
