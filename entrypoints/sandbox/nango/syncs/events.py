"""What Nango tells of a sync that ran."""

from dataclasses import dataclass
from datetime import datetime

from entrypoints.sandbox.nango.records.cache import BASE
from entrypoints.sandbox.nango.records.table import Saved
from entrypoints.sandbox.nango.state import Connection
from entrypoints.sandbox.nango.syncs.state import SyncType
from entrypoints.sandbox.wire import JsonObject, javascript_time


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """One run: of which sync, and since when."""

    connection: Connection
    name: str
    model: str
    type: SyncType
    started_at: datetime
    variant: str = BASE

    def head(self, *, success: bool) -> JsonObject:
        return {
            "from": "nango",
            "type": "sync",
            "connectionId": self.connection.connection_id,
            "providerConfigKey": self.connection.integration,
            "syncName": self.name,
            "syncVariant": self.variant,
            "model": self.model,
            "syncType": self.type,
            "success": success,
        }


def synced(run: Ran, saved: Saved, checkpoints: JsonObject | None = None) -> JsonObject:
    """Tell what changed since the run began; only a sync that keeps checkpoints tells of them."""
    began = javascript_time(run.started_at)
    event: JsonObject = {
        **run.head(success=True),
        "modifiedAfter": began,
        "queryTimeStamp": began,
        "responseResults": {"added": saved.added, "updated": saved.updated, "deleted": saved.deleted},
    }
    return event if checkpoints is None else {**event, "checkpoints": checkpoints}


def not_synced(run: Ran, kind: str, description: str, failed_at: datetime) -> JsonObject:
    return {
        **run.head(success=False),
        "error": {"type": kind, "description": description},
        "startedAt": javascript_time(run.started_at),
        "failedAt": javascript_time(failed_at),
    }
