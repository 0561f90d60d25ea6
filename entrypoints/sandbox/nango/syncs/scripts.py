"""The syncs of the family `github-app-oauth`: each remembers, by repository, how far it got."""

from typing import Final

from entrypoints.sandbox.nango.syncs.documents import commit_record, issue_record, pull_request_record
from entrypoints.sandbox.nango.syncs.run import Place, Run, place_in
from entrypoints.sandbox.wire import JsonObject, compact_json, read_json

UPDATED: Final = "updated_after_by_repo"
SINCE: Final = "since_by_repo"


async def pull_requests(run: Run) -> None:
    """Read the named repositories, the latest change first, as far as is known; deletions only by the first run."""
    reached, is_first = reached_in(run.state.checkpoint, UPDATED), run.is_first
    for place in run.repositories():
        latest, known = None, reached.get(place.full_name, "")
        async for page in run.pages(f"{place.path}/pulls", state="all", sort="updated", direction="desc"):
            fresh = [pull for pull in page if str(pull["updated_at"]) >= known]
            latest = latest or (str(page[0]["updated_at"]) if fresh else None)
            run.save(pull_request_record(place, pull) for pull in fresh)
            if len(fresh) < len(page):
                break
        reached |= {place.full_name: latest} if latest else {}
        if not is_first:
            run.state.checkpoint = checkpoint_of(UPDATED, reached)
    if is_first:
        run.delete_others()
    run.state.checkpoint = checkpoint_of(UPDATED, reached)


async def commits(run: Run) -> None:
    """Read a branch of each repository since the latest commit that was read, by the committer's date.

    So it misses what is pushed late with an old date, and notices deletions (of commits that left a branch, too) only
    in the first run.
    """
    reached, is_first = reached_in(run.state.checkpoint, SINCE), run.is_first
    places = await _places_of_commits(run)
    if not places:
        return
    for place in places:
        since = reached.get(place.full_name)
        query = {"sha": place.branch or ""} | ({"since": since} if since else {})
        async for page in run.pages(f"{place.path}/commits", **query):
            records = [commit_record(place, commit) for commit in page]
            run.save(records)
            if records:
                since = max(since or "", str(records[0]["committer_date"]))
        reached |= {place.full_name: since} if since else {}
    if is_first:
        run.delete_others()
    run.state.checkpoint = {**checkpoint_of(SINCE, reached), "repo_full_name": "", "page": 1}


async def issues(run: Run) -> None:
    """Read the named repositories, the oldest change first, from where they are known; no deletions are noticed."""
    reached = reached_in(run.state.checkpoint, UPDATED)
    for place in run.repositories():
        latest = reached.get(place.full_name, "")
        query = {"since": latest} if latest else {}
        async for page in run.pages(f"{place.path}/issues", state="all", sort="updated", direction="asc", **query):
            records = [issue_record(place, issue) for issue in page if "pull_request" not in issue]
            run.save(records)
            latest = max([latest, *(str(record["updated_at"]) for record in records)])
        reached |= {place.full_name: latest} if latest else {}
        run.state.checkpoint = checkpoint_of(UPDATED, reached)


async def _places_of_commits(run: Run) -> list[Place]:
    """Give the one repository that the metadata names, or all of the installation."""
    if "owner" in run.metadata and "repo" in run.metadata:
        place = place_in(run.metadata)
        branch = place.branch or str((await run.document(place.path))["default_branch"])
        return [Place(place.owner, place.repo, branch)]
    chosen = run.metadata.get("branch")
    return [
        Place(*str(one["full_name"]).split("/"), branch=str(chosen or one["default_branch"]))
        async for page in run.pages("/installation/repositories", "repositories")
        for one in page
    ]


def reached_in(checkpoint: JsonObject | None, name: str) -> dict[str, str]:
    """Read how far each repository was read; a checkpoint holds it as JSON in a text."""
    known = read_json(str((checkpoint or {}).get(name, "{}")).encode())
    return {key: str(value) for key, value in known.items()} if isinstance(known, dict) else {}


def checkpoint_of(name: str, reached: dict[str, str]) -> JsonObject:
    return {name: compact_json({**reached}).decode()}
