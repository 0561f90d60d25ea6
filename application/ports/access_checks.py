"""Whose access is to be proven again, and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.installation import InstallationId
from domain.user import UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessCheck:
    """A claimed one: `due_at` is when it was to be done, and `until` its lease, which tells it from other claims."""

    user_id: UserId
    due_at: datetime
    until: datetime


class AccessChecks(Protocol):
    """One row per person, claimed by one process at a time."""

    async def want(self, user_id: UserId, at: datetime) -> None:
        """Have it done at that time, unless it is due earlier, or there is no such person."""
        ...

    async def want_all_on(self, installation_id: InstallationId, at: datetime) -> int:
        """Want it for everybody with a proof on the installation; tell how many."""
        ...

    async def claim(self, now: datetime, until: datetime, limit: int) -> Sequence[AccessCheck]:
        """Take some that are due, the longest due first, with a lease: nobody else gets them until then."""
        ...

    async def done(self, check: AccessCheck, next_due_at: datetime | None) -> None:
        """Give back a claimed one, to be done next at that time or never; what was wanted meanwhile stands.

        Whoever's lease was taken by somebody else gives nothing back.
        """
        ...
