"""Webhooks come into a database in memory."""

from dataclasses import replace

from application.ports.delivery_intake import DeliveryIntake
from domain.delivery import DeliveryId, DeliveryState, ReceivedDelivery
from tests.fakes.deliveries import StoredDelivery
from tests.fakes.unit_of_work import BeginInMemoryWork


class InMemoryDeliveryIntake(DeliveryIntake):
    def __init__(self, begin_work: BeginInMemoryWork) -> None:
        self._begin_work = begin_work

    async def accept(self, delivery: ReceivedDelivery) -> bool:
        async with self._begin_work():  # nobody else is at work
            pass
        rows = self._begin_work.tables.deliveries
        for stored in rows.values():
            is_untried = stored.state is DeliveryState.WAITING and stored.tries == 0
            if is_untried and stored.received.body_hash == delivery.body_hash:
                stored.count += 1
                latest = max(stored.received.received_at, delivery.received_at)
                stored.received = replace(stored.received, received_at=latest)
                return False
        rows[DeliveryId(max(rows, default=0) + 1)] = StoredDelivery(delivery, due_at=delivery.received_at)
        return True
