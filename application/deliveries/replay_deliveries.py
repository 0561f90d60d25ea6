"""An operator has closed deliveries worked on again."""

from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass
from typing import Final

from application.ports.clock import Clock
from application.ports.unit_of_work import BeginWork, UnitOfWork
from domain.delivery import DeliveryId, DeliveryState

AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReplayed:
    """Whether one waits again; if not, why."""

    id: DeliveryId
    obstacle: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayDeliveries:
    begin_work: BeginWork
    clock: Clock

    async def __call__(self, delivery_ids: Iterable[DeliveryId]) -> AsyncGenerator[DeliveryReplayed, None]:
        """Reopen them one by one, and tell of each as it is done."""
        for delivery_id in delivery_ids:
            async with self.begin_work(atomic=False) as work:
                reopened = await work.deliveries.reopen(delivery_id, self.clock.now())
                obstacle = None if reopened else await obstacle_to(delivery_id, work)
            yield DeliveryReplayed(id=delivery_id, obstacle=obstacle)

    async def all_held(self) -> AsyncGenerator[DeliveryReplayed, None]:
        """Reopen each one that is held, once: it may well be held again before the last is reopened."""
        seen = set[DeliveryId]()
        while True:
            async with self.begin_work(atomic=False) as work:
                # What could not be reopened stays on the list, before what comes next.
                held = await work.deliveries.list(DeliveryState.HELD, len(seen) + AT_ONCE)
            ids = [summary.id for summary in held if summary.id not in seen]
            if not ids:
                return
            seen.update(ids)
            async for replayed in self(ids):
                yield replayed


async def obstacle_to(delivery_id: DeliveryId, work: UnitOfWork) -> str:
    details = await work.deliveries.find(delivery_id)
    if details is None:
        return "there is no such delivery"
    if details.summary.state is DeliveryState.WAITING:
        return "it waits already"
    return "an equal one waits already"
