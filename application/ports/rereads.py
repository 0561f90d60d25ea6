"""When something was last read again because of a hint."""

from datetime import datetime
from typing import Protocol


class Rereads(Protocol):
    """By subject, such as `installation 5001`; old ones are forgotten."""

    async def last(self, subject: str) -> datetime | None:
        """Tell when the last reading that worked began."""
        ...

    async def note(self, subject: str, began_at: datetime) -> None:
        """Store that one worked, unless a later one is known."""
        ...

    async def forget_before(self, moment: datetime) -> int:
        """Delete what is older than the moment; tell how many."""
        ...
