"""Commits, issues and pull requests of repositories: made up, changed by the control API, and listed as GitHub does."""

from typing import Any

import pytest

from tests.sandbox.github import Caller, installed_app
from tests.sandbox.stage import Stage

ATLAS, BEACON, HANDBOOK = 770_001, 770_002, 770_003
BY_UPDATE = "state=all&sort=updated&direction=asc&per_page=100"
NOT_FOR_APPS = (403, "Resource not accessible by integration")


@pytest.fixture
def app(stage: Stage) -> Caller:
    return installed_app(stage)


async def whole(app: Caller, target: str) -> list[dict[str, Any]]:
    """Read all pages, by their links."""
    found: list[dict[str, Any]] = []
    page = 1
    while True:
        batch = await app.read(f"{target}&page={page}")
        found += batch
        if not batch:
            return found
        page += 1


async def test_a_made_up_history_is_the_same_each_time(stage: Stage, app: Caller) -> None:
    amount = {"commits": 7, "pulls": 120, "issues": 5}

    made = await stage.control("POST", f"/repositories/{BEACON}/history", amount)
    listed = await whole(app, f"/repositories/{BEACON}/pulls?{BY_UPDATE}")
    await stage.control("POST", "/reset")
    again = await stage.control("POST", f"/repositories/{BEACON}/history", amount)

    assert made == again == {"branches": {"main": 31}, "pulls": 129, "issues": 11}
    assert listed == await whole(installed_app(stage), f"/repositories/{BEACON}/pulls?{BY_UPDATE}")
    assert [one["updated_at"] for one in listed] == sorted(one["updated_at"] for one in listed)
    assert len({one["number"] for one in listed}) == 129


@pytest.mark.parametrize("address", [f"/repositories/{ATLAS}", "/repos/northwind-labs/atlas"])
async def test_pull_requests_are_listed_with_what_the_single_one_has(app: Caller, address: str) -> None:
    listed = await app.read(f"{address}/pulls?{BY_UPDATE}")

    single = await app.read(f"{address}/pulls/{listed[-1]['number']}")
    assert listed[-1].items() <= single.items()
    states = {(one["state"], one["merged_at"] is not None) for one in listed}
    assert states == {("open", False), ("closed", True), ("closed", False)}
    assert all(len(one["head"]["sha"]) == len(one["base"]["sha"]) == 40 for one in listed)


async def test_open_pull_requests_are_listed_unless_others_are_asked_for(app: Caller) -> None:
    usual = await app.read(f"/repositories/{ATLAS}/pulls")
    closed = await app.read(f"/repositories/{ATLAS}/pulls?state=closed&sort=updated")

    assert {one["state"] for one in usual} == {"open"}
    assert [one["created_at"] for one in usual] == sorted((one["created_at"] for one in usual), reverse=True)
    assert [one["updated_at"] for one in closed] == sorted(one["updated_at"] for one in closed)


async def test_pull_requests_are_among_the_issues_with_a_key_that_tells(app: Caller) -> None:
    issues = await app.read(f"/repositories/{ATLAS}/issues?{BY_UPDATE}")
    pulls = await app.read(f"/repositories/{ATLAS}/pulls?{BY_UPDATE}")

    among = {one["number"]: one for one in issues if "pull_request" in one}
    assert {*among} == {one["number"] for one in pulls}
    assert not {one["id"] for one in pulls} & {one["id"] for one in issues}
    assert len(issues) > len(among)


async def test_issues_are_listed_since_a_moment_but_not_since_1970(app: Caller) -> None:
    issues = await app.read(f"/repositories/{ATLAS}/issues?{BY_UPDATE}")
    middle = issues[len(issues) // 2]["updated_at"]

    since = await app.read(f"/repositories/{ATLAS}/issues?{BY_UPDATE}&since={middle}")

    assert since == [one for one in issues if one["updated_at"] >= middle]
    assert await app.read(f"/repositories/{ATLAS}/issues?{BY_UPDATE}&since=1970-01-01T00:00:00Z") == []


async def test_commits_are_listed_the_newest_first_and_each_has_the_next_as_its_parent(app: Caller) -> None:
    commits = await app.read(f"/repositories/{ATLAS}/commits?per_page=100")

    parents = [[one["sha"] for one in commit["parents"]] for commit in commits]
    assert parents == [[one["sha"]] for one in commits[1:]] + [[]]
    assert {one["author"] is None for one in commits} == {True, False}
    since = commits[3]["commit"]["committer"]["date"]
    assert await app.read(f"/repositories/{ATLAS}/commits?per_page=100&since={since}") == commits[:4]
    older = await app.read(f"/repositories/{ATLAS}/commits?per_page=100&sha={commits[2]['sha']}")
    assert older == commits[2:]


async def test_lists_come_in_pages_that_link_to_each_other(app: Caller) -> None:
    answer = await app.ask("GET", f"/repositories/{ATLAS}/commits?sha=main&per_page=10&page=2")

    assert 'commits?sha=main&per_page=10&page=3>; rel="next"' in answer.headers["link"]


async def test_commits_are_pushed_to_a_branch_and_leave_it_when_the_push_is_forced(stage: Stage, app: Caller) -> None:
    target = f"/repositories/{ATLAS}/commits?sha=topic&per_page=100"
    push = {"author": "grace-okafor", "branch": "topic", "messages": ["One", "Two"]}
    first = await stage.control("POST", f"/repositories/{ATLAS}/pushes", push)

    forced = {"author": "grace-okafor", "branch": "topic", "messages": ["Both"], "drop": 2, "days_ago": 3}
    second = await stage.control("POST", f"/repositories/{ATLAS}/pushes", forced)

    assert second["dropped"] == first["added"]
    commits = await app.read(target)
    assert [commits[0]["sha"]] == second["added"]
    assert (commits[0]["commit"]["message"], commits[0]["author"]["login"]) == ("Both", "grace-okafor")
    assert commits[0]["commit"]["committer"]["date"] == "2025-12-29T00:00:00Z"
    assert commits[1:] == await app.read(f"/repositories/{ATLAS}/commits?per_page=100")
    assert await app.refusal(f"/repositories/{ATLAS}/commits?sha=gone") == (404, "Not Found")


async def test_an_issue_is_changed_closed_and_deleted(stage: Stage, app: Caller) -> None:
    change = {
        "title": "No legend",
        "state": "closed",
        "locked": True,
        "labels": ["bug"],
        "assignees": ["ada-rivera"],
        "milestone": "1.0",
    }
    await stage.control("PATCH", f"/repositories/{ATLAS}/issues/1", change)

    issue = (await app.read(f"/repositories/{ATLAS}/issues?{BY_UPDATE}"))[-1]
    assert (issue["number"], issue["title"], issue["state"], issue["state_reason"]) == (
        1,
        "No legend",
        "closed",
        "completed",
    )
    assert (issue["locked"], issue["milestone"]["title"], issue["labels"][0]["name"]) == (True, "1.0", "bug")
    assert issue["closed_at"] == issue["updated_at"] == "2026-01-01T00:00:00Z"

    await stage.control("DELETE", f"/repositories/{ATLAS}/issues/1")
    numbers = [one["number"] for one in await app.read(f"/repositories/{ATLAS}/issues?{BY_UPDATE}")]
    assert 1 not in numbers
    assert (await stage.http.delete(f"/__sandbox/repositories/{ATLAS}/issues/1")).status_code == 404


async def test_no_number_is_given_twice(stage: Stage) -> None:
    new = {"title": "New", "author": "ada-rivera"}
    first = await stage.control("POST", f"/repositories/{ATLAS}/issues", new)

    await stage.control("DELETE", f"/repositories/{ATLAS}/issues/{first['number']}")
    second = await stage.control("POST", f"/repositories/{ATLAS}/pulls", new)

    assert second["number"] == first["number"] + 1


async def test_a_pull_request_is_merged(stage: Stage, app: Caller) -> None:
    change = {"merged": True, "reviewers": ["grace-okafor"], "draft": False}
    await stage.control("PATCH", f"/repositories/{ATLAS}/issues/2", change)

    pull = await app.read(f"/repositories/{ATLAS}/pulls/2")

    assert (pull["state"], pull["merged"], pull["merged_at"]) == ("closed", True, "2026-01-01T00:00:00Z")
    assert [one["login"] for one in pull["requested_reviewers"]] == ["grace-okafor"]
    assert len(pull["merge_commit_sha"]) == 40


async def test_an_issue_cannot_be_merged(stage: Stage) -> None:
    answer = await stage.http.patch(f"/__sandbox/repositories/{ATLAS}/issues/1", json={"merged": True})

    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("permission", "part"), [("contents", "commits"), ("pull_requests", "pulls"), ("issues", "issues")]
)
async def test_a_list_needs_its_permission(stage: Stage, app: Caller, permission: str, part: str) -> None:
    assert (await app.refusal(f"/repositories/{HANDBOOK}/{part}"))[0] == 404
    await stage.change(withheld_permissions=[permission])

    assert await app.refusal(f"/repositories/{ATLAS}/{part}") == NOT_FOR_APPS


async def test_a_repository_without_anything_has_no_commits_to_list(stage: Stage, app: Caller) -> None:
    made = await stage.control("POST", "/repositories", {"owner": "northwind-labs", "name": "new"})
    [new] = made["ids"]
    stage.sandbox.world.installations[5001].repository_ids.add(new)

    assert (await app.ask("GET", f"/repositories/{new}/commits")).status == 409
    assert await app.read(f"/repositories/{new}/pulls?state=all") == []
