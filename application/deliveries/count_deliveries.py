"""An operator asks how much came in, and what became of it."""

from dataclasses import dataclass

from application.ports.unit_of_work import BeginWork
from domain.delivery import DeliveryStats


@dataclass(frozen=True, slots=True, kw_only=True)
class CountDeliveries:
    begin_work: BeginWork

    async def __call__(self) -> DeliveryStats:
        async with self.begin_work(atomic=False) as work:
            return await work.deliveries.stats()
