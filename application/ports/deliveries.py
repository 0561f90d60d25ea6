"""The webhooks received, and the work they ask for."""

from datetime import datetime
from typing import Protocol

from domain.delivery import Delivery, DeliveryId, DeliveryState


class Deliveries(Protocol):
    async def claim(self, now: datetime, lease_until: datetime) -> Delivery | None:
        """Take the oldest waiting one that is due; nobody else gets it before the lease ends."""
        ...

    async def close(self, delivery_id: DeliveryId, state: DeliveryState, note: str, at: datetime) -> None:
        """Say what became of one."""
        ...

    async def forget_before(self, moment: datetime) -> int:
        """Delete those that were done or ignored before the moment; tell how many. Held ones are kept."""
        ...

    async def postpone(self, delivery_id: DeliveryId, until: datetime, note: str) -> None:
        """Leave it waiting until then."""
        ...
