"""The webhooks received, and the work they ask for."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.delivery import (
    Delivery,
    DeliveryBacklog,
    DeliveryDetails,
    DeliveryId,
    DeliveryState,
    DeliveryStats,
    DeliverySummary,
)


class Deliveries(Protocol):
    async def begin(self, delivery_id: DeliveryId) -> Delivery | None:
        """Count a try of one that waits, and return it; None if it is closed or gone.

        From then on an equal delivery is one of its own.
        """
        ...

    async def list(self, state: DeliveryState | None, limit: int) -> Sequence[DeliverySummary]:
        """List the newest ones, of one state or of all."""
        ...

    async def find(self, delivery_id: DeliveryId) -> DeliveryDetails | None: ...

    async def reopen(self, delivery_id: DeliveryId, at: datetime) -> bool:
        """Let a closed one wait again, as if it had just come; tell whether it does.

        It does not if it waits already, if it is gone, or if an equal one waits untried.
        """
        ...

    async def stats(self) -> DeliveryStats:
        """Count all of them, which takes longer the more there are."""
        ...

    async def backlog(self) -> DeliveryBacklog:
        """Count only those that wait or are held."""
        ...

    async def close(self, delivery_id: DeliveryId, state: DeliveryState, note: str, at: datetime) -> None:
        """Say what became of one."""
        ...

    async def forget_before(self, moment: datetime, limit: int) -> int:
        """Delete some of those that were done or ignored before the moment; tell how many. Held ones are kept.

        Fewer than the limit: no more are left, or somebody else is deleting them.
        """
        ...

    async def requeue_stranded(self, before: datetime, limit: int) -> int:
        """Have those worked on that were due before the moment and that no worker will come to; tell how many.

        A queue that lost its memory, or a failure between two of its steps, leaves such ones.
        """
        ...

    async def postpone(self, delivery_id: DeliveryId, until: datetime, note: str) -> None:
        """Leave it waiting until then."""
        ...
