"""Where webhooks come in."""

from typing import Protocol

from domain.delivery import ReceivedDelivery


class DeliveryIntake(Protocol):
    async def accept(self, delivery: ReceivedDelivery) -> bool:
        """Return once it is stored durably as waiting; while an equal one (same bytes) waits untried, only count it.

        Tells whether it is a new one. Raises `UpstreamUnavailable` if it was not stored, or perhaps not.
        """
        ...
