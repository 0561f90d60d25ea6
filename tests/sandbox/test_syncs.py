"""Syncs read GitHub as the installation sees it, and save what they read."""

import pytest

from tests.sandbox.github import installed_app
from tests.sandbox.stage import Stage
from tests.sandbox.syncing import ATLAS, BEACON, BOTH, ask, connected, counts, events, records, run, tell

ONE = {"owner": "northwind-labs", "repo": "atlas"}
OLD = {"pull-requests": "GithubPullRequest", "commits": "GithubCommit", "issues": "GithubIssue"}


@pytest.fixture
async def stage(stage: Stage) -> Stage:
    return await connected(stage)


@pytest.mark.parametrize(("sync", "part"), [("pull_requests", "pulls"), ("commits", "commits"), ("issues", "issues")])
async def test_every_sync_reads_what_github_lists(stage: Stage, sync: str, part: str) -> None:
    app = installed_app(stage)
    listed = [
        one
        for number in (ATLAS, BEACON)
        for one in await app.read(f"/repositories/{number}/{part}?state=all&per_page=100")
        if part != "issues" or "pull_request" not in one
    ]

    assert counts(await run(stage, sync)) == (len(listed), 0, 0)
    assert counts(await run(stage, sync)) == (0, 0, 0)

    model = {"pulls": "PullRequest", "commits": "Commit", "issues": "Issue"}[part]
    saved = await records(stage, model)
    assert {one["html_url"] for one in saved} == {one["html_url"] for one in listed}
    assert not any(value is None for one in saved for value in one.values())


async def test_a_change_is_read_by_the_next_run_which_starts_where_the_last_one_ended(stage: Stage) -> None:
    await run(stage, "pull_requests")
    await run(stage, "issues")
    await events(stage)

    await stage.control("PATCH", f"/repositories/{ATLAS}/issues/1", {"title": "Better", "state": "closed"})
    await stage.control("PATCH", f"/repositories/{ATLAS}/issues/2", {"merged": True})

    assert counts(await run(stage, "issues")) == (0, 1, 0)
    assert counts(await run(stage, "pull_requests")) == (0, 1, 0)
    [issues, pulls] = await events(stage)
    assert [one["syncType"] for one in (issues, pulls)] == ["INCREMENTAL", "INCREMENTAL"]
    assert issues["checkpoints"]["from"] != issues["checkpoints"]["to"]
    [issue] = await records(stage, "Issue", modified_after=issues["modifiedAfter"])
    assert (issue["title"], issue["state"], issue["state_reason"]) == ("Better", "closed", "completed")
    [pull] = await records(stage, "PullRequest", modified_after=pulls["modifiedAfter"])
    assert (pull["state"], pull["merged_at"]) == ("closed", pull["closed_at"])


async def test_deletions_are_noticed_only_when_everything_is_read_again(stage: Stage) -> None:
    await run(stage, "pull_requests")
    await stage.control("DELETE", f"/repositories/{ATLAS}/issues/2")

    assert counts(await run(stage, "pull_requests")) == (0, 0, 0)
    assert counts(await run(stage, "pull_requests", reset=True)) == (0, 0, 1)
    [gone] = await records(stage, "PullRequest", filter="deleted")
    assert gone["title"] == "Add a legend"


async def test_commits_that_left_their_branch_are_noticed_only_by_a_reset(stage: Stage) -> None:
    await run(stage, "commits")
    push = {"author": "ada-rivera", "messages": ["New"], "drop": 2}
    await stage.control("POST", f"/repositories/{BEACON}/pushes", push)
    late = {"author": "ada-rivera", "messages": ["Late"], "days_ago": 2000}
    await stage.control("POST", f"/repositories/{BEACON}/pushes", late)

    assert counts(await run(stage, "commits")) == (1, 0, 0)
    assert counts(await run(stage, "commits", reset=True)) == (1, 0, 2)


async def test_commits_can_be_read_of_one_branch(stage: Stage) -> None:
    push = {"author": "ada-rivera", "messages": ["New"], "branch": "topic"}
    [sha] = (await stage.control("POST", f"/repositories/{ATLAS}/pushes", push))["added"]
    await tell(stage, {**ONE, "branch": "topic"})

    await run(stage, "commits")

    saved = await records(stage, "Commit")
    assert f"northwind-labs/atlas:topic:{sha}" in {one["id"] for one in saved}


async def test_an_emptied_cache_has_everything_anew(stage: Stage) -> None:
    await run(stage, "issues")
    before = await records(stage, "Issue")
    await stage.clock.advance(1)
    await ask(stage, "trigger", "issues", opts={"reset": True, "emptyCache": True})
    await stage.bodies()

    after = await records(stage, "Issue")
    assert {one["id"] for one in after} == {one["id"] for one in before}
    assert {one["_nango_metadata"]["last_action"] for one in after} == {"ADDED"}
    assert after[0]["_nango_metadata"]["first_seen_at"] > before[-1]["_nango_metadata"]["first_seen_at"]


@pytest.mark.parametrize(
    ("sync", "metadata"), [("pull-requests", ONE), ("commits", ONE), ("issues", {}), ("issues", BOTH)]
)
async def test_the_older_syncs_read_their_own_models(stage: Stage, sync: str, metadata: object) -> None:
    await stage.change(syncs=OLD)
    await tell(stage, metadata)

    added = (await run(stage, sync))["added"]
    if sync == "pull-requests":
        await stage.control("PATCH", f"/repositories/{ATLAS}/issues/2", {"merged": True})
        assert counts(await run(stage, sync)) == (0, 1, 0)
    [told, *_] = await events(stage)

    saved = await records(stage, OLD[sync])
    assert added == len(saved) > 0
    assert "checkpoints" not in told
    if sync == "issues":
        assert {one["repo"] for one in saved} == {"atlas", "beacon"}
    else:
        assert all(one["url"].startswith("https://github.com/northwind-labs/atlas/") for one in saved)


async def test_a_sync_sees_only_what_the_installation_sees(stage: Stage) -> None:
    await stage.change(withheld_permissions=["issues"])
    assert (await run(stage, "issues"))["error"] == {
        "type": "script_http_error",
        "description": "HTTP 403 Resource not accessible by integration",
    }

    await tell(stage, {"repositories": [{"owner": "northwind-labs", "repo": "handbook"}]})
    assert (await run(stage, "pull_requests"))["error"]["description"] == "HTTP 404 Not Found"


async def test_a_renamed_repository_is_read_under_its_former_name(stage: Stage) -> None:
    await run(stage, "pull_requests")
    await stage.control("PATCH", f"/repositories/{ATLAS}", {"name": "maps"})
    await stage.control("PATCH", f"/repositories/{ATLAS}/issues/2", {"title": "New"})

    assert counts(await run(stage, "pull_requests"))[1] >= 1
    pull = next(one for one in await records(stage, "PullRequest") if one["title"] == "New")
    assert (pull["repository_name"], pull["html_url"]) == ("atlas", "https://github.com/northwind-labs/maps/pull/2")


async def test_the_next_run_can_be_made_to_fail(stage: Stage) -> None:
    plan = {"sync": "issues", "type": "script_http_error", "description": "HTTP 502"}
    await stage.control("POST", "/syncs/failures", plan)

    assert counts(await run(stage, "pull_requests"))[0] > 0
    assert (await run(stage, "issues"))["error"]["description"] == "HTTP 502"
    assert (await run(stage, "issues"))["type"] == "INITIAL"
    [_, failure, success] = await events(stage)
    assert failure["error"] == {"type": "script_http_error", "description": "HTTP 502"}
    assert success["success"]


async def test_what_a_failing_run_saved_stays_and_the_next_one_goes_on_from_there(stage: Stage) -> None:
    await stage.control("POST", "/failures", {"endpoint": "github GET /repos/northwind-labs/beacon/issues"})

    failed = await run(stage, "issues")
    atlas = await records(stage, "Issue")
    assert (failed["error"]["description"], failed["added"]) == ("HTTP 503 Server Error", len(atlas))
    assert {one["repository_name"] for one in atlas} == {"atlas"}

    again = await run(stage, "issues")
    assert (again["type"], again["added"]) == ("INITIAL", len(await records(stage, "Issue")) - len(atlas))
