"""Short-lived proofs of a session, for bearers."""

from datetime import datetime
from typing import Protocol

from domain.session import Principal


class AccessTokens(Protocol):
    lifetime_seconds: int

    def issue(self, principal: Principal, at: datetime) -> str: ...

    def verify(self, token: str, at: datetime) -> Principal:
        """Tell whose token it is; raises `Unauthenticated` for any that is not ours, or has expired."""
        ...
