"""Deliveries in memory."""

from dataclasses import dataclass
from datetime import datetime

from application.ports.deliveries import Deliveries
from domain.delivery import Delivery, DeliveryId, DeliveryState, ReceivedDelivery


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

    async def claim(self, now: datetime, lease_until: datetime) -> Delivery | None:
        due = [
            (stored.due_at, delivery_id)
            for delivery_id, stored in self._rows.items()
            if stored.state is DeliveryState.WAITING and stored.due_at <= now
        ]
        if not due:
            return None
        _, delivery_id = min(due)
        stored = self._rows[delivery_id]
        stored.tries += 1
        stored.due_at = lease_until
        return Delivery(
            id=delivery_id,
            kind=stored.received.kind,
            body=stored.received.body,
            received_at=stored.received.received_at,
            tries=stored.tries,
        )

    async def close(self, delivery_id: DeliveryId, state: DeliveryState, note: str, at: datetime) -> None:
        stored = self._rows[delivery_id]
        if stored.state is DeliveryState.WAITING:
            stored.state, stored.note, stored.closed_at = state, note, at

    async def forget_before(self, moment: datetime) -> int:
        gone = [
            delivery_id
            for delivery_id, stored in self._rows.items()
            if stored.state in {DeliveryState.DONE, DeliveryState.IGNORED}
            and stored.closed_at
            and stored.closed_at < moment
        ]
        for delivery_id in gone:
            del self._rows[delivery_id]
        return len(gone)

    async def postpone(self, delivery_id: DeliveryId, until: datetime, note: str) -> None:
        stored = self._rows[delivery_id]
        if stored.state is DeliveryState.WAITING:
            stored.due_at, stored.note = until, note
