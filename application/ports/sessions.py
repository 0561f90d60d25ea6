"""Who is signed in."""

from datetime import datetime
from typing import Protocol

from domain.secret import SecretHash
from domain.session import Session, SessionId


class Sessions(Protocol):
    """An expired or ended session is not found."""

    async def add(self, session: Session) -> None: ...

    async def find(self, session_id: SessionId, now: datetime) -> Session | None: ...

    async def find_by_secret(self, secret_hash: SecretHash, now: datetime) -> Session | None: ...

    async def end(self, session_id: SessionId) -> None:
        """End one at once; one that has ended already stays ended."""
        ...

    async def forget_before(self, moment: datetime) -> int:
        """Delete sessions that expired before the moment; tell how many."""
        ...
