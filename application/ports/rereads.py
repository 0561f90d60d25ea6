"""When something was last read again because of a hint."""

from datetime import datetime
from typing import Protocol


class Rereads(Protocol):
    """By subject, such as `installation 5001`; old ones are forgotten."""

    async def last(self, subject: str) -> datetime | None:
        """Tell when the last reading that worked began."""
        ...

    async def begin(self, subject: str, now: datetime, rested_since: datetime) -> datetime | None:
        """Note a try that begins now, unless another one began after `rested_since`: then tell when."""
        ...

    async def note(self, subject: str, began_at: datetime) -> None:
        """Store that a try which began then has worked, unless a later one has."""
        ...

    async def withdraw(self, subject: str, began_at: datetime) -> None:
        """Let the next try begin at once, if the last one began then: it came to nothing."""
        ...

    async def forget_before(self, moment: datetime) -> int:
        """Delete what was tried before the moment; tell how many."""
        ...
