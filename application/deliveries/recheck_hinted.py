"""A hint says to look at a connection again: soon, and not too often."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from application.login.recheck_connection import RecheckConnection
from application.ports.clock import Clock
from domain.connection import Connection, ConnectionState
from domain.delivery import DeliveryState

REREAD_EVERY: Final = timedelta(seconds=30)


class Postponed(Exception):
    """The hint may be looked at again, but not before `until`."""

    def __init__(self, reason: str, until: datetime) -> None:
        super().__init__(reason)
        self.until = until


@dataclass(frozen=True, slots=True, kw_only=True)
class RecheckHinted:
    recheck_connection: RecheckConnection
    clock: Clock

    async def __call__(self, connection: Connection, hinted_at: datetime) -> tuple[DeliveryState, str]:
        """Read it back, unless that was done since; raises `Postponed` within half a minute of the last time."""
        if connection.state is ConnectionState.RETIRED:
            return DeliveryState.DONE, "the connection is being deleted"
        # One reading answers every hint that came before it, however many were sent.
        if hinted_at < connection.checked_at:
            return DeliveryState.DONE, "the connection was read back since"
        rested_at = connection.checked_at + REREAD_EVERY
        if self.clock.now() < rested_at:
            raise Postponed("the connection was read back just now", rested_at)
        await self.recheck_connection(connection)
        return DeliveryState.DONE, "the connection was read back"
