"""How the sandbox gets the records of the recordings, to the microsecond."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from entrypoints.sandbox.nango.records.cache import Records
from entrypoints.sandbox.nango.records.record import Payload
from entrypoints.sandbox.nango.records.table import Table
from entrypoints.sandbox.wire import compact_json
from tests.sandbox import scenes
from tests.sandbox.scenes import SECOND_APP_CONNECTION
from tests.sandbox.stage import Stage

RECORDED_NUMBER: Final = 50
"""What the recorded Nango calls the connection inside, from which the UUIDs of its records are made."""


async def at(stage: Stage, moment: str) -> None:
    """Let it be that late."""
    await stage.clock.advance((datetime.fromisoformat(moment) - stage.clock.now()).total_seconds())


def batch(*records: dict[str, Any]) -> Iterable[tuple[str, Payload]]:
    return [(str(record["id"]), compact_json(record)) for record in records]


def repository(number: int, **more: object) -> dict[str, Any]:
    name = f"repo-{number}"
    return {"id": str(5_001_000 + number), "name": name, "full_name": f"acme/{name}", **more}


async def connected(stage: Stage) -> Records:
    await scenes.app_connection(stage)
    connection = stage.sandbox.nango.find_connection("github-app-oauth", SECOND_APP_CONNECTION)
    assert connection is not None
    connection.records = Records(RECORDED_NUMBER)
    return connection.records


async def five_records(stage: Stage) -> None:
    """Five repositories were saved, one of them changed, and one deleted."""
    table: Table = (await connected(stage)).table("GithubRepo")
    await at(stage, "2026-11-21T06:03:47.549570+00:00")
    table.save(batch(*(repository(number, private=False) for number in range(1, 6))), stage.clock.now())
    await at(stage, "2026-11-21T06:03:48.788659+00:00")
    table.save(batch(repository(2, private=False, description="changed")), stage.clock.now())
    await at(stage, "2026-11-21T06:04:43.034857+00:00")
    table.delete(batch({"id": "5001004"}), stage.clock.now())


async def many_records(stage: Stage) -> None:
    table = (await connected(stage)).table("BigModel")
    await at(stage, "2026-11-21T06:04:43.077029+00:00")
    table.save(batch(*(repository(number) for number in range(100, 1400))), stage.clock.now())


async def five_runs(stage: Stage) -> None:
    """Have run a sync for the first time, twice again, once for a webhook, and in vain."""
    await connected(stage)
    await at(stage, "2026-11-21T06:04:46.379+00:00")
    stage.sink.received.clear()
    common = {
        "connection_id": SECOND_APP_CONNECTION,
        "sync": "github-repos",
        "model": "GithubRepo",
        "began_at": "2026-11-21T06:04:46.355Z",
    }
    checkpoints = {"from": None, "to": {"lastSync": "2026-01-01"}}
    for run in (
        {"type": "INITIAL", "added": 5},
        {"updated": 1, "deleted": 1, "checkpoints": checkpoints},
        {},
        {"type": "WEBHOOK", "added": 1},
        {"error": {"type": "script_http_error", "description": "HTTP 403 ..."}},
    ):
        await stage.control("POST", "/syncs/webhook", {**common, **run})


async def one_sync(stage: Stage) -> None:
    """Have a sync of the recorded name."""
    await scenes.app_connection(stage)
    await stage.change(syncs={"github-repos": "PullRequest"})


WEBHOOKS: Final[dict[str, scenes.Scene]] = {"j_30_sync_webhooks_from_real_sendSync": five_runs}
CALLS: Final[dict[str, scenes.Scene]] = {
    **dict.fromkeys(
        [
            "j_01_all",
            "j_01b",
            "j_02_limit2",
            "j_03_cursor",
            "j_03_cursor3",
            "j_04_modified_after_Z",
            "j_05_modified_after_future",
            "j_05_modified_after_offset",
            "j_05_modified_after_old",
            "j_06_filter_added_updated",
            "j_06_filter_deleted",
            "j_07_ids",
            "j_08_bad_model",
            "j_08_no_model",
            "j_08_unknown_model",
            "j_09_bad_cursor",
            "j_09_limit_too_big",
            "j_09_missing_headers",
            "j_09_unknown_connection",
        ],
        five_records,
    ),
    "j_10_big_default": many_records,
    **dict.fromkeys(
        [
            "j_20_trigger",
            "j_20_trigger_bad",
            "j_20_trigger_full_resync",
            "j_20_trigger_headers",
            "j_20_trigger_no_conn_all",
            "j_20_trigger_no_pck",
            "j_20_trigger_opts",
            "j_20_trigger_opts_and_mode",
            "j_20_trigger_unknown_conn",
            "j_20_trigger_unknown_integration",
            "j_20_trigger_unknown_sync",
        ],
        one_sync,
    ),
}
