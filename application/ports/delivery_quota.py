"""How much may come in on one day."""

from datetime import datetime
from typing import Protocol


class DeliveryQuota(Protocol):
    async def spend(self, size_bytes: int, at: datetime) -> bool:
        """Count so many bytes against the day of that moment (UTC) if they fit in what is left; tell whether they do.

        Whoever asks at the same time, in whichever process: together they never get more than the quota. What was
        counted stays counted, whatever becomes of the bytes. Raises `UpstreamUnavailable` if nobody can tell.
        """
        ...
