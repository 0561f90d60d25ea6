"""Running a sync, and telling of it."""

from dataclasses import dataclass
from typing import Final

from entrypoints.sandbox.nango.records.cache import BASE
from entrypoints.sandbox.nango.records.shapes import SyncModel
from entrypoints.sandbox.nango.records.table import Saved
from entrypoints.sandbox.nango.state import Connection
from entrypoints.sandbox.nango.syncs import old_scripts, scripts
from entrypoints.sandbox.nango.syncs.events import Ran, not_synced, synced
from entrypoints.sandbox.nango.syncs.reading import SyncFailed
from entrypoints.sandbox.nango.syncs.run import Run, Script
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.wire import JsonObject

SCRIPTS: Final[dict[SyncModel, Script]] = {
    "PullRequest": scripts.pull_requests,
    "Commit": scripts.commits,
    "Issue": scripts.issues,
    "GithubPullRequest": old_scripts.pull_requests,
    "GithubCommit": old_scripts.commits,
    "GithubIssue": old_scripts.issues,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Which sync of which connection is to run, and how."""

    connection: Connection
    name: str
    model: SyncModel
    variant: str = BASE
    reset: bool = False
    empty_cache: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    run: Ran
    saved: Saved
    checkpoints: JsonObject | None = None
    error: SyncFailed | None = None


async def run_sync(sandbox: Sandbox, order: Order) -> Outcome:
    """Run a sync, after a run of the same that is under way, and send its webhook.

    What a failing run saved stays. A run that changes nothing is told of only when every run is to be.
    """
    connection, state = order.connection, order.connection.syncs.state((order.name, order.variant))
    table = connection.records.table(order.model, order.variant)
    async with state.turn:
        if order.reset:
            state.reset()
        if order.empty_cache:
            table.empty()
        state.type = "INITIAL" if state.last_read_at is None else "INCREMENTAL"
        state.is_running, before = True, state.checkpoint
        ran = Ran(
            connection=connection,
            name=order.name,
            model=order.model,
            type=state.type,
            started_at=sandbox.now(),
            variant=order.variant,
        )
        run, error = Run(sandbox, connection, state, table), None
        try:
            _fail_if_planned(sandbox, order)
            await SCRIPTS[order.model](run)
            state.last_read_at = ran.started_at
        except SyncFailed as failure:
            error = failure
        finally:
            state.is_running = False
        state.has_failed, state.finished_at, state.result = error is not None, sandbox.now(), run.saved
    checkpoints: JsonObject | None = state.checkpoint and {"from": before, "to": state.checkpoint}
    outcome = Outcome(ran, run.saved, checkpoints, error)
    _tell(sandbox, outcome)
    return outcome


def _fail_if_planned(sandbox: Sandbox, order: Order) -> None:
    planned = sandbox.conditions.take_sync_failure(order.name, order.connection.connection_id)
    if planned is not None:
        raise SyncFailed(planned.type, planned.description)


def _tell(sandbox: Sandbox, outcome: Outcome) -> None:
    run, saved = outcome.run, outcome.saved
    connection = run.connection
    if sandbox.nango.find_connection(connection.integration, connection.connection_id) is not connection:
        return
    if outcome.error is not None:
        event = not_synced(run, outcome.error.kind, outcome.error.description, sandbox.now())
    elif saved != Saved() or sandbox.conditions.tell_of_empty_syncs:
        event = synced(run, saved, outcome.checkpoints)
    else:
        return
    sandbox.announce(event, connection.webhook_url_override)
