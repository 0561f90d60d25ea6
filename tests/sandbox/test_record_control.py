"""Records and sync webhooks made by the control API."""

import json
from typing import Any

import pytest

from entrypoints.sandbox.nango.records.shapes import MODELS
from entrypoints.sandbox.signatures import webhook_signatures
from tests.sandbox.stage import RECORDED_KEY, Stage

CHOSEN = {"connection_id": "chosen"}


@pytest.fixture
async def stage(stage: Stage) -> Stage:
    await stage.import_installation("chosen")
    return stage


async def page(stage: Stage, model: str, **query: str) -> Any:  # noqa: ANN401 - any JSON
    headers = {**stage.key, "Connection-Id": "chosen", "Provider-Config-Key": "github-app-oauth"}
    answer = await stage.http.get("/records", params={"model": model, **query}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("model", MODELS)
async def test_records_of_every_model_can_be_made_up(stage: Stage, model: str) -> None:
    body = {**CHOSEN, "model": model, "count": 10}

    assert (await stage.control("POST", "/records", {**body, "from": 5}))["added"] == 10
    assert (await stage.control("POST", "/records", body))["added"] == 5
    assert (await stage.control("POST", "/records", {**body, "changed": True}))["updated"] == 10

    records = (await page(stage, model))["records"]
    assert len({record["id"] for record in records}) == len(records) == 15


async def test_given_records_are_listed_as_given(stage: Stage) -> None:
    record = {"id": "x", "title": "Größe"}
    await stage.control("POST", "/records", {**CHOSEN, "model": "Thing", "records": [record]})

    [listed] = (await page(stage, "Thing"))["records"]

    assert {**listed, "_nango_metadata": None} == {**record, "_nango_metadata": None}


async def test_records_are_deleted_and_pruned(stage: Stage) -> None:
    await stage.control("POST", "/records", {**CHOSEN, "model": "Issue", "count": 3})

    gone = {**CHOSEN, "model": "Issue", "ids": ["2"], "keep_payload": False}
    assert (await stage.control("POST", "/records/delete", gone))["deleted"] == 1
    assert (await stage.control("POST", "/records/prune", {**CHOSEN, "model": "Issue"})) == {"records": 3}

    records = (await page(stage, "Issue"))["records"]
    assert [set(record) for record in records] == [{"id", "_nango_metadata"}] * 3
    assert records[-1]["_nango_metadata"]["last_action"] == "DELETED"


async def test_a_page_can_be_kept_short(stage: Stage) -> None:
    await stage.control("POST", "/records", {**CHOSEN, "model": "Commit", "count": 10})
    await stage.change(records_page_bytes=2000)

    first = await page(stage, "Commit", limit="10")
    rest = await page(stage, "Commit", limit="10", cursor=first["next_cursor"])

    assert 0 < len(first["records"]) < 10
    assert rest["records"]


async def test_variants_are_kept_apart(stage: Stage) -> None:
    await stage.control("POST", "/records", {**CHOSEN, "model": "Issue", "count": 1, "variant": "mine"})

    assert (await page(stage, "Issue"))["records"] == []
    assert len((await page(stage, "Issue", variant="mine"))["records"]) == 1


async def test_only_known_models_can_be_made_up(stage: Stage) -> None:
    body = {**CHOSEN, "model": "Thing", "count": 1}

    assert (await stage.http.post("/__sandbox/records", json=body)).status_code == 422


async def test_records_end_with_their_connection(stage: Stage) -> None:
    await stage.control("POST", "/records", {**CHOSEN, "model": "Issue", "count": 1})
    await stage.control("DELETE", "/connections/chosen")
    await stage.import_installation("chosen")

    assert (await page(stage, "Issue"))["records"] == []


async def test_a_sync_webhook_arrives_signed(stage: Stage) -> None:
    await stage.bodies()
    stage.sink.received.clear()

    sent = await stage.control(
        "POST", "/syncs/webhook", {**CHOSEN, "sync": "issues", "model": "Issue", "added": 2, "type": "INITIAL"}
    )

    [body] = await stage.bodies()
    event = json.loads(body)
    assert body.decode() == sent["body"]
    assert webhook_signatures(RECORDED_KEY, body) == sent["headers"]
    assert event["modifiedAfter"] == event["queryTimeStamp"] == "2026-01-01T00:00:00.000Z"
    assert event["responseResults"] == {"added": 2, "updated": 0, "deleted": 0}


async def test_a_dropped_sync_webhook_leaves_the_records(stage: Stage) -> None:
    await stage.bodies()
    stage.sink.received.clear()
    await stage.control("PUT", "/webhooks/trouble", {"drop": 1})

    await stage.control("POST", "/syncs/webhook", {**CHOSEN, "sync": "issues", "model": "Issue"})

    assert await stage.bodies() == []
