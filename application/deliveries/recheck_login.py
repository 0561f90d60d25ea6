"""An auth webhook names a login connection that we know."""

from dataclasses import dataclass

from application.deliveries.recheck_hinted import Postponed, RecheckHinted
from application.ports.unit_of_work import BeginWork
from domain.connection import ConnectionId, ConnectionState
from domain.delivery import Delivery, DeliveryState, Json, text_at


@dataclass(frozen=True, slots=True, kw_only=True)
class RecheckLogin:
    recheck_hinted: RecheckHinted
    begin_work: BeginWork

    async def __call__(self, connection_id: ConnectionId, delivery: Delivery) -> tuple[DeliveryState, str] | None:
        """Return what became of the hint; None if the connection is not known. Raises `Postponed`."""
        async with self.begin_work(atomic=False) as work:
            connection = await work.connections.find(connection_id)
        if connection is None:
            return None
        if connection.state is ConnectionState.BROKEN and is_failed_refresh(delivery.body):
            # Reading it has Nango try the refresh again, and send this again: that would go on for ever.
            return DeliveryState.DONE, "the connection is known to be broken"
        try:
            return await self.recheck_hinted(connection, delivery.received_at)
        except Postponed:
            if text_at(delivery.body, "operation") == "creation":
                return DeliveryState.DONE, "the connection was read back after it was made"
            raise


def is_failed_refresh(body: Json) -> bool:
    return isinstance(body, dict) and body.get("operation") == "refresh" and body.get("success") is False
