"""Nango says that one of its syncs ran, or failed."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from application.ports.clock import Clock
from application.ports.unit_of_work import BeginWork
from domain.connection import ConnectionId, ConnectionState
from domain.delivery import Delivery, DeliveryState, Json, number_at, text_at, value_at
from domain.installation import InstallationId
from domain.sync import BASE_VARIANT, FULLY_HEARD_EVERY, LONGEST_VARIANT, RESTARTED_EVERY, SyncKey, SyncNews, SyncSource
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
        why_not = self._why_not(delivery.body) or await self._hear(delivery.body)
        if why_not is not None:
            return DeliveryState.IGNORED, why_not
        if value_at(delivery.body, "success") is False:
            return DeliveryState.DONE, "that the sync failed is shown"
        return DeliveryState.DONE, "its records are pulled"

    def _why_not(self, body: Json) -> str | None:
        model = text_at(body, "model")
        if text_at(body, "connectionId") is None or model is None:
            return "it names no connection, or no model"
        if self.plan.source is not SyncSource.NANGO:
            return "SYNC_SOURCE has GitHub's lists be read instead"
        if model not in self.plan.models.values():
            return "SYNC_NAMES has no sync with this model"
        if len(text_at(body, "syncVariant") or "") > LONGEST_VARIANT:
            return "the name of its variant is too long"
        return None

    async def _hear(self, body: Json) -> str | None:
        connection_id, model = text_at(body, "connectionId") or "", text_at(body, "model") or ""
        variant = text_at(body, "syncVariant") or BASE_VARIANT
        async with self.begin_work() as work:
            connection = await work.installation_connections.find(ConnectionId(connection_id))
            if connection is None or connection.state is ConnectionState.RETIRED:
                return "it is not the connection of an installation here"
            key = SyncKey(connection_id=connection.id, model=model, variant=variant)
            news = self._news(body, key, connection.installation_id)
            if not await work.syncs.hear(news, self.clock.now()):
                return "there are too many variants of this model already"
        return None

    def _news(self, body: Json, key: SyncKey, installation_id: InstallationId) -> SyncNews:
        news, name = news_in(body, key, installation_id), text_at(body, "syncName")
        return replace(news, name=name if name in self.plan.models else None)


def news_in(body: Json, key: SyncKey, installation_id: InstallationId) -> SyncNews:
    error = None
    if value_at(body, "success") is False:
        said = (text_at(body, "error", "type"), text_at(body, "error", "description"))
        error = ": ".join(part for part in said if part)[:LONGEST_ERROR] or "Nango does not say why"
    return SyncNews(
        key=key,
        installation_id=installation_id,
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
