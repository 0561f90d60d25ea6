"""An operator looks at what came in."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.unit_of_work import BeginWork
from domain.delivery import DeliveryState, DeliverySummary


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDeliveries:
    begin_work: BeginWork

    async def __call__(self, state: DeliveryState | None, limit: int) -> Sequence[DeliverySummary]:
        """Return the newest, of one state or of all."""
        async with self.begin_work(atomic=False) as work:
            return await work.deliveries.list(state, limit)
