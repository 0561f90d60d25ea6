"""The tries to sign in, or to connect repositories."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from domain.attempt import Attempt, AttemptId
from domain.secret import SecretHash
from domain.user import UserId


class Attempts(Protocol):
    """Each move of an attempt is made by at most one caller; the method tells whether it was this one."""

    async def add(self, attempt: Attempt) -> None: ...

    async def find(self, attempt_id: AttemptId) -> Attempt | None: ...

    async def links_of(self, user_id: UserId) -> Sequence[Attempt]:
        """List a person's link attempts, newest first; at most fifty."""
        ...

    async def is_token_of_link(self, session_token_hash: SecretHash) -> bool:
        """Tell whether a connect session's token is that of a link attempt."""
        ...

    async def find_by_state(self, state_hash: SecretHash) -> Attempt | None: ...

    async def move(self, attempt: Attempt) -> bool:
        """Store the attempt in its new state, if the stored one may still make that move (`MOVES`)."""
        ...

    async def find_all(self, attempt_ids: Collection[AttemptId]) -> Sequence[Attempt]:
        """Find those that exist, newest first."""
        ...

    async def aim(self, attempt: Attempt) -> bool:
        """Store the state, authorisation and socket of an open attempt; tell whether it is still open."""
        ...

    async def note_asked(self, attempt_id: AttemptId, at: datetime) -> None:
        """Store when its browser first asked for its status; a later time changes nothing."""
        ...

    async def lease(self, attempt_id: AttemptId, now: datetime, until: datetime) -> bool:
        """Take the lease of an attempt that is passing or failing, if nobody has it; tell whether it was taken."""
        ...

    async def rest(self, attempt_id: AttemptId, until: datetime) -> None:
        """Leave an attempt alone until then, whoever had its lease."""
        ...

    async def to_sweep(self, now: datetime, limit: int) -> Sequence[Attempt]:
        """List attempts without a lease that are failing, or have expired while something of theirs may be in Nango.

        The latter are those still passing, and those still open whose browser has a session token. Oldest first.
        """
        ...

    async def forget_before(self, moment: datetime) -> int:
        """Delete attempts that expired before the moment, but none that is still to be swept; tell how many."""
        ...
