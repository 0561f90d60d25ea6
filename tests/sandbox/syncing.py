"""A stage with a connection whose syncs run, and hands to run them."""

import json
from typing import Any, Final

from tests.sandbox.stage import Stage

ATLAS, BEACON = 770_001, 770_002
CHOSEN: Final = {"connection_id": "chosen", "provider_config_key": "github-app-oauth"}
BOTH: Final = {"repositories": [{"owner": "northwind-labs", "repo": name} for name in ("atlas", "beacon")]}


async def connected(stage: Stage) -> Stage:
    """Connect the seeded installation, and name its repositories to the syncs."""
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
