"""Whose turn it is to compare everything."""

from datetime import datetime
from typing import NewType, Protocol
from uuid import UUID

RunId = NewType("RunId", UUID)


class ReconcileRuns(Protocol):
    """At most one run at a time, in all processes together; one whose lease has ended counts as dead."""

    async def claim(self, run_id: RunId, now: datetime, until: datetime, *, is_wanted: bool) -> bool:
        """Begin a run with a lease until then, if nobody has one; tell whether it has begun.

        Unless it is wanted now, it does not begin before the next one is due; the first ever is due at once.
        """
        ...

    async def renew(self, run_id: RunId, until: datetime) -> bool:
        """Extend the lease; tell whether the run still has it."""
        ...

    async def end(self, run_id: RunId, at: datetime, next_due_at: datetime, summary: str) -> None:
        """Say what became of a run, and when the next is due; one that was taken over changes nothing."""
        ...
