"""Nango says that one of its syncs ran, or failed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from application.ports.clock import Clock
from application.ports.unit_of_work import BeginWork
from domain.connection import ConnectionId, ConnectionState
from domain.delivery import Delivery, DeliveryState, Json, number_at, text_at, value_at
from domain.installation import InstallationId
from domain.sync import BASE_VARIANT, FULLY_HEARD_EVERY, RESTARTED_EVERY, SyncKey, SyncNews, SyncSource
from domain.sync_plan import SyncPlan

CHANGES: Final = ("added", "updated", "deleted")
LONGEST_ERROR: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class HearSync:
    """It only causes a reading of what Nango has: what it says of records is not believed."""

    plan: SyncPlan
    begin_work: BeginWork
    clock: Clock

    async def __call__(self, delivery: Delivery) -> tuple[DeliveryState, str]:
        """Return what became of the hint."""
        connection_id, model = text_at(delivery.body, "connectionId"), text_at(delivery.body, "model")
        if connection_id is None or model is None:
            return DeliveryState.IGNORED, "it names no connection, or no model"
        if self.plan.source is not SyncSource.NANGO:
            return DeliveryState.IGNORED, "SYNC_SOURCE has GitHub's lists be read instead"
        if model not in self.plan.models.values():
            return DeliveryState.IGNORED, "SYNC_NAMES has no sync with this model"
        async with self.begin_work() as work:
            connection = await work.installation_connections.find(ConnectionId(connection_id))
            if connection is None or connection.state is ConnectionState.RETIRED:
                return DeliveryState.IGNORED, "it is not the connection of an installation here"
            variant = text_at(delivery.body, "syncVariant") or BASE_VARIANT
            key = SyncKey(connection_id=connection.id, model=model, variant=variant)
            await work.syncs.hear(news_in(delivery.body, key, connection.installation_id), self.clock.now())
        if value_at(delivery.body, "success") is False:
            return DeliveryState.DONE, "that the sync failed is shown"
        return DeliveryState.DONE, "its records are pulled"


def news_in(body: Json, key: SyncKey, installation_id: InstallationId) -> SyncNews:
    error = None
    if value_at(body, "success") is False:
        said = (text_at(body, "error", "type"), text_at(body, "error", "description"))
        error = ": ".join(part for part in said if part)[:LONGEST_ERROR] or "Nango does not say why"
    return SyncNews(
        key=key,
        installation_id=installation_id,
        name=text_at(body, "syncName"),
        began_at=moment_in(text_at(body, "queryTimeStamp") or text_at(body, "modifiedAfter")),
        full_after=full_after(body),
        changes=sum(number_at(body, "responseResults", change) or 0 for change in CHANGES),
        error=error,
    )


def full_after(body: Json) -> timedelta | None:
    """Read whether Nango's sync began at the beginning: it says so only of syncs that have checkpoints."""
    if text_at(body, "syncType") == "INITIAL":
        return RESTARTED_EVERY
    if value_at(body, "checkpoints") is None:
        return FULLY_HEARD_EVERY
    return RESTARTED_EVERY if value_at(body, "checkpoints", "from") is None else None


def moment_in(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
