"""Deliveries in memory."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from application.ports.deliveries import Deliveries
from domain.delivery import (
    Delivery,
    DeliveryBacklog,
    DeliveryDetails,
    DeliveryId,
    DeliveryState,
    DeliveryStats,
    DeliverySummary,
    ReceivedDelivery,
)


@dataclass
class StoredDelivery:
    received: ReceivedDelivery
    due_at: datetime
    count: int = 1
    tries: int = 0
    state: DeliveryState = DeliveryState.WAITING
    note: str | None = None
    closed_at: datetime | None = None


class InMemoryDeliveries(Deliveries):
    def __init__(self, rows: dict[DeliveryId, StoredDelivery]) -> None:
        self._rows = rows

    async def begin(self, delivery_id: DeliveryId) -> Delivery | None:
        stored = self._rows.get(delivery_id)
        if stored is None or stored.state is not DeliveryState.WAITING:
            return None
        stored.tries += 1
        return Delivery(
            id=delivery_id,
            kind=stored.received.kind,
            body=stored.received.body,
            headers=stored.received.headers,
            received_at=stored.received.received_at,
            tries=stored.tries,
        )

    async def list(self, state: DeliveryState | None, limit: int) -> Sequence[DeliverySummary]:
        found = [
            summary_of(delivery_id, stored)
            for delivery_id, stored in sorted(self._rows.items(), reverse=True)
            if state in {None, stored.state}
        ]
        return found[:limit]

    async def find(self, delivery_id: DeliveryId) -> DeliveryDetails | None:
        stored = self._rows.get(delivery_id)
        if stored is None:
            return None
        return DeliveryDetails(
            summary=summary_of(delivery_id, stored), body=stored.received.body, headers=stored.received.headers
        )

    async def reopen(self, delivery_id: DeliveryId, at: datetime) -> bool:
        stored = self._rows.get(delivery_id)
        if stored is None or stored.state is DeliveryState.WAITING or self._has_untried(stored.received.body_hash):
            return False
        stored.state, stored.tries, stored.due_at = DeliveryState.WAITING, 0, at
        stored.received = replace(stored.received, received_at=at)
        stored.note = stored.closed_at = None
        return True

    def _has_untried(self, body_hash: bytes) -> bool:
        return any(
            stored.received.body_hash == body_hash and stored.state is DeliveryState.WAITING and not stored.tries
            for stored in self._rows.values()
        )

    async def stats(self) -> DeliveryStats:
        rows = self._rows.values()
        counts = Counter(stored.state for stored in rows)
        waiting_since = [stored.received.received_at for stored in rows if stored.state is DeliveryState.WAITING]
        return DeliveryStats(
            received=sum(stored.count for stored in rows),
            merged=sum(stored.count - 1 for stored in rows),
            waiting=counts[DeliveryState.WAITING],
            done=counts[DeliveryState.DONE],
            ignored=counts[DeliveryState.IGNORED],
            held=counts[DeliveryState.HELD],
            oldest_waiting=min(waiting_since, default=None),
        )

    async def backlog(self) -> DeliveryBacklog:
        stats = await self.stats()
        return DeliveryBacklog(waiting=stats.waiting, held=stats.held, oldest_waiting=stats.oldest_waiting)

    async def close(self, delivery_id: DeliveryId, state: DeliveryState, note: str, at: datetime) -> None:
        stored = self._rows[delivery_id]
        if stored.state is DeliveryState.WAITING:
            stored.state, stored.note, stored.closed_at = state, note, at

    async def forget_before(self, moment: datetime, limit: int) -> int:
        gone = [
            delivery_id
            for delivery_id, stored in self._rows.items()
            if stored.state in {DeliveryState.DONE, DeliveryState.IGNORED}
            and stored.closed_at
            and stored.closed_at < moment
        ][:limit]
        for delivery_id in gone:
            del self._rows[delivery_id]
        return len(gone)

    async def requeue_stranded(self, before: datetime, limit: int) -> int:
        # Here nothing is between a delivery and who works on it.
        del before, limit
        return 0

    async def postpone(self, delivery_id: DeliveryId, until: datetime, note: str) -> None:
        stored = self._rows[delivery_id]
        if stored.state is DeliveryState.WAITING:
            stored.due_at, stored.note = until, note


def summary_of(delivery_id: DeliveryId, stored: StoredDelivery) -> DeliverySummary:
    return DeliverySummary(
        id=delivery_id,
        kind=stored.received.kind,
        state=stored.state,
        received_at=stored.received.received_at,
        received=stored.count,
        tries=stored.tries,
        due_at=stored.due_at,
        note=stored.note,
        closed_at=stored.closed_at,
    )
