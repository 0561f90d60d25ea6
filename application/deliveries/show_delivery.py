"""An operator looks at one delivery."""

from dataclasses import dataclass

from application.ports.unit_of_work import BeginWork
from domain.delivery import DeliveryDetails, DeliveryId
from domain.errors import DeliveryNotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowDelivery:
    begin_work: BeginWork

    async def __call__(self, delivery_id: DeliveryId) -> DeliveryDetails:
        """Return all that is kept of it; raises `DeliveryNotFound`."""
        async with self.begin_work(atomic=False) as work:
            details = await work.deliveries.find(delivery_id)
        if details is None:
            raise DeliveryNotFound(delivery_id)
        return details
