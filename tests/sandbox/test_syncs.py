"""Syncs of Nango: they read GitHub as the installation sees it, save what they read, and are told of."""

import json
from typing import Any

import pytest

from entrypoints.sandbox.signatures import webhook_signatures
from tests.sandbox.github import installed_app
from tests.sandbox.stage import RECORDED_KEY, Stage

ATLAS, BEACON, HANDBOOK = 770_001, 770_002, 770_003
CHOSEN = {"connection_id": "chosen", "provider_config_key": "github-app-oauth"}
BOTH = {"repositories": [{"owner": "northwind-labs", "repo": name} for name in ("atlas", "beacon")]}
ONE = {"owner": "northwind-labs", "repo": "atlas"}
OLD = {"pull-requests": "GithubPullRequest", "commits": "GithubCommit", "issues": "GithubIssue"}


@pytest.fixture
async def stage(stage: Stage) -> Stage:
    await stage.import_installation("chosen")
    await tell(stage, BOTH)
    await stage.bodies()
    stage.sink.received.clear()
    return stage


async def tell(stage: Stage, metadata: object) -> None:
    body = {**CHOSEN, "metadata": metadata}
    assert (await stage.http.post("/connections/metadata", headers=stage.key, json=body)).status_code == 201


async def ask(stage: Stage, what: str, *syncs: object, **more: object) -> None:
    body = {**CHOSEN, "syncs": [*syncs], **more}
    answer = await stage.http.post(f"/sync/{what}", headers=stage.key, json=body)
    assert (answer.status_code, answer.json()) == (200, {"success": True})


async def events(stage: Stage) -> list[Any]:
    """Give what was told since the last time."""
    bodies = await stage.bodies()
    stage.sink.received.clear()
    return [json.loads(body) for body in bodies]


async def run(stage: Stage, sync: str, **more: object) -> dict[str, Any]:
    await stage.clock.advance(60)
    return await stage.control("POST", "/syncs/run", {"connection_id": "chosen", "sync": sync, **more})


def counts(outcome: dict[str, Any]) -> tuple[int, int, int]:
    assert outcome["error"] is None, outcome
    return outcome["added"], outcome["updated"], outcome["deleted"]


async def records(stage: Stage, model: str, **query: str) -> list[Any]:
    headers = {**stage.key, "Connection-Id": "chosen", "Provider-Config-Key": "github-app-oauth"}
    answer = await stage.http.get("/records", params={"model": model, "limit": "1000", **query}, headers=headers)
    return answer.json()["records"]


async def status(stage: Stage, name: str) -> dict[str, Any]:
    answer = await stage.http.get("/sync/status", params={**CHOSEN, "syncs": name}, headers=stage.key)
    [document] = answer.json()["syncs"]
    return document


async def test_a_triggered_sync_saves_what_it_reads_and_its_webhook_arrives_signed(stage: Stage) -> None:
    await ask(stage, "trigger", "pull_requests")

    [body] = await stage.bodies()
    event = json.loads(body)
    saved = await records(stage, "PullRequest")
    request = stage.sink.received[0].request
    assert all(request.headers[name] == value for name, value in webhook_signatures(RECORDED_KEY, body).items())
    assert event["responseResults"] == {"added": len(saved), "updated": 0, "deleted": 0}
    assert (event["syncName"], event["model"], event["syncType"]) == ("pull_requests", "PullRequest", "INITIAL")
    assert event["modifiedAfter"] == event["queryTimeStamp"] == "2026-01-01T00:00:00.000Z"
    assert event["checkpoints"]["from"] is None
    reached = json.loads(event["checkpoints"]["to"]["updated_after_by_repo"])
    assert {*reached} == {"northwind-labs/atlas", "northwind-labs/beacon"}


async def test_all_syncs_are_meant_when_none_is_named(stage: Stage) -> None:
    await ask(stage, "trigger")

    assert {one["syncName"] for one in await events(stage)} == {"pull_requests", "commits", "issues"}


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


@pytest.mark.parametrize(
    ("metadata", "sync"),
    [({}, "pull_requests"), ({"repositories": []}, "issues"), ({"repositories": [{"owner": "x"}]}, "issues")],
)
async def test_a_sync_without_repositories_fails(stage: Stage, metadata: object, sync: str) -> None:
    await tell(stage, metadata)

    await ask(stage, "start", sync)

    [event] = await events(stage)
    assert (event["success"], event["error"]["type"], "responseResults" in event) == (
        False,
        "script_internal_error",
        False,
    )
    assert event["startedAt"] == event["failedAt"] == "2026-01-01T00:00:00.000Z"
    assert (await status(stage, sync))["status"] == "ERROR"


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


async def test_a_run_that_changes_nothing_is_told_of_only_when_that_is_wanted(stage: Stage) -> None:
    await run(stage, "issues")
    await events(stage)

    await run(stage, "issues")
    assert await events(stage) == []
    await stage.change(tell_of_empty_syncs=True)
    await run(stage, "issues")
    [event] = await events(stage)
    assert event["responseResults"] == {"added": 0, "updated": 0, "deleted": 0}


async def test_a_sync_is_started_and_paused(stage: Stage) -> None:
    assert (await status(stage, "issues"))["status"] == "PAUSED"
    await ask(stage, "start", "issues")
    assert len(await events(stage)) == 1

    document = await status(stage, "issues")
    assert document["status"] == "SUCCESS"
    assert document["latestResult"]["Issue"]["added"] == document["recordCount"]["Issue"] > 0
    await ask(stage, "start", "issues")
    assert await events(stage) == []
    assert (await status(stage, "issues"))["latestResult"]["Issue"]["added"] == 0
    await ask(stage, "pause", "issues")
    assert (await status(stage, "issues"))["status"] == "PAUSED"
    answer = await stage.http.get("/sync/status", params={**CHOSEN, "syncs": "*"}, headers=stage.key)
    assert [one["name"] for one in answer.json()["syncs"]] == ["pull_requests", "commits", "issues"]


async def test_a_variant_has_records_of_its_own(stage: Stage) -> None:
    await ask(stage, "trigger", {"name": "issues", "variant": "mine"})

    [event] = await events(stage)
    assert event["syncVariant"] == "mine"
    assert await records(stage, "Issue") == []
    assert len(await records(stage, "Issue", variant="mine")) > 0


async def test_there_may_be_no_syncs_at_all(stage: Stage) -> None:
    await stage.change(syncs={})

    for what in ("trigger", "start", "pause"):
        answer = await stage.http.post(f"/sync/{what}", headers=stage.key, json={**CHOSEN, "syncs": ["issues"]})
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "no_syncs_found")
    assert (
        await stage.http.post("/__sandbox/syncs/run", json={"connection_id": "chosen", "sync": "issues"})
    ).status_code == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"syncs": [1]}, "invalid_type"),
        ({"syncs": [{"name": "issues"}]}, "invalid_type"),
        ({"syncs": [], "sync_mode": "x"}, "invalid_value"),
        ({"syncs": [], "opts": {"reset": 1}}, "invalid_type"),
    ],
)
async def test_a_bad_trigger_is_refused(stage: Stage, body: dict[str, Any], code: str) -> None:
    answer = await stage.http.post("/sync/trigger", headers=stage.key, json={**CHOSEN, **body})

    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["errors"][0]["code"]) == (400, "invalid_body", code)


async def test_a_run_waits_for_the_one_before(stage: Stage) -> None:
    await ask(stage, "trigger", "issues")
    await ask(stage, "trigger", "issues", opts={"reset": True, "emptyCache": True})

    first, second = await events(stage)

    assert first["responseResults"] == second["responseResults"]
    assert len(await records(stage, "Issue")) == first["responseResults"]["added"]


async def test_a_call_can_name_the_connection_in_headers(stage: Stage) -> None:
    headers = {**stage.key, "Connection-Id": "chosen", "Provider-Config-Key": "github-app-oauth"}

    answer = await stage.http.post("/sync/start", headers=headers, json={"syncs": ["issues"]})

    assert answer.status_code == 200
    assert len(await events(stage)) == 1


async def test_without_a_connection_all_of_the_integration_are_meant(stage: Stage) -> None:
    await stage.import_installation("other")
    await events(stage)
    body = {"provider_config_key": "github-app-oauth", "syncs": ["commits"]}

    await stage.http.post("/sync/trigger", headers=stage.key, json=body)

    assert {one["connectionId"] for one in await events(stage)} == {"chosen", "other"}


async def test_the_syncs_of_a_connection_end_with_it(stage: Stage) -> None:
    await ask(stage, "trigger", "issues")
    await stage.control("DELETE", "/connections/chosen")

    assert await events(stage) == []


async def test_starting_over_leaves_off_what_runs(stage: Stage) -> None:
    await ask(stage, "trigger", "issues")
    await stage.control("POST", "/reset")

    assert await events(stage) == []
