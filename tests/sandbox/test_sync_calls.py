"""Syncs are triggered, started and paused, and tell of themselves."""

import json
from typing import Any

import pytest

from entrypoints.sandbox.signatures import webhook_signatures
from tests.sandbox.stage import RECORDED_KEY, Stage
from tests.sandbox.syncing import (
    CHOSEN,
    ask,
    connected,
    events,
    records,
    run,
    status,
    tell,
)


@pytest.fixture
async def stage(stage: Stage) -> Stage:
    return await connected(stage)


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
