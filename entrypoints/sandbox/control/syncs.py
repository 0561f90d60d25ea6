"""Syncs of Nango: run, made to fail, and their webhooks."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import JSONBody
from msgspec import Meta

from entrypoints.sandbox.conditions import PlannedSyncFailure
from entrypoints.sandbox.control.connections import connections_named
from entrypoints.sandbox.control.webhooks import SignedPayload
from entrypoints.sandbox.nango.records.cache import BASE
from entrypoints.sandbox.nango.records.table import Saved
from entrypoints.sandbox.nango.syncs.events import Ran, not_synced, synced
from entrypoints.sandbox.nango.syncs.running import Order, run_sync
from entrypoints.sandbox.nango.syncs.state import SyncType
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.signatures import webhook_signatures
from entrypoints.sandbox.wire import stable_json


class SyncError(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    type: str = "script_http_error"
    description: str = "HTTP 403 ..."


class SyncWebhook(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    connection_id: str
    sync: str
    model: str
    variant: str = BASE
    type: SyncType = "INCREMENTAL"
    began_at: datetime | None = None
    added: int = 0
    updated: int = 0
    deleted: int = 0
    checkpoints: dict[str, Any] | None = None
    error: SyncError | None = None


class SyncRun(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    connection_id: str
    sync: str
    variant: str = BASE
    reset: bool = False
    empty_cache: bool = False


class SyncOutcome(msgspec.Struct, frozen=True, kw_only=True):
    type: SyncType
    added: int
    updated: int
    deleted: int
    error: SyncError | None


class SyncFailurePlan(SyncError, frozen=True, forbid_unknown_fields=True, kw_only=True):
    sync: str | None = None
    connection_id: str | None = None
    times: Annotated[int, Meta(gt=0)] = 1


@post("/syncs/run", status_code=200)
async def run_sync_now(sandbox: NamedDependency[Sandbox], data: JSONBody[SyncRun]) -> SyncOutcome:
    """Run a sync of a connection, as its schedule would, and wait for it; its webhook goes out as always."""
    model = sandbox.conditions.syncs.get(data.sync)
    if model is None:
        raise NotFoundException(f"there is no sync {data.sync!r}")
    order = Order(
        connection=connections_named(sandbox, data.connection_id)[0],
        name=data.sync,
        model=model,
        variant=data.variant,
        reset=data.reset,
        empty_cache=data.empty_cache,
    )
    outcome = await run_sync(sandbox, order)
    error = outcome.error and SyncError(outcome.error.kind, outcome.error.description)
    saved = outcome.saved
    return SyncOutcome(
        type=outcome.run.type, added=saved.added, updated=saved.updated, deleted=saved.deleted, error=error
    )


@post("/syncs/failures", status_code=201)
async def plan_sync_failure(sandbox: NamedDependency[Sandbox], data: JSONBody[SyncFailurePlan]) -> SyncFailurePlan:
    """Let the next `times` runs fail before they read anything: of a sync, of a connection, or of any."""
    planned = PlannedSyncFailure(data.sync, data.connection_id, data.times, data.type, data.description)
    sandbox.conditions.sync_failures.append(planned)
    return data


@post("/syncs/webhook", status_code=202)
async def send_sync_webhook(sandbox: NamedDependency[Sandbox], data: JSONBody[SyncWebhook]) -> SignedPayload:
    """Tell the app that a sync ran, or failed with an `error`; nothing runs, and no record changes."""
    connection = connections_named(sandbox, data.connection_id)[0]
    run = Ran(
        connection=connection,
        name=data.sync,
        model=data.model,
        type=data.type,
        started_at=data.began_at or sandbox.now(),
        variant=data.variant,
    )
    if data.error is None:
        event = synced(run, Saved(data.added, data.updated, data.deleted), data.checkpoints)
    else:
        event = not_synced(run, data.error.type, data.error.description, sandbox.now())
    sandbox.announce(event, connection.webhook_url_override)
    body = stable_json(event)
    return SignedPayload(body=body.decode(), headers=webhook_signatures(sandbox.settings.signing_key, body))
