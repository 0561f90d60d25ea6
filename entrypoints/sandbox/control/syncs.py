"""Syncs of Nango: their webhooks."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from entrypoints.sandbox.control.connections import connections_named
from entrypoints.sandbox.control.webhooks import SignedPayload
from entrypoints.sandbox.nango.records.cache import BASE
from entrypoints.sandbox.nango.records.table import Saved
from entrypoints.sandbox.nango.syncs.events import Ran, SyncType, not_synced, synced
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
