"""One-time codes for apps on another origin."""

from datetime import datetime
from typing import Protocol

from domain.secret import SecretHash
from domain.session import SignInCode


class SignInCodes(Protocol):
    async def add(self, code: SignInCode) -> None: ...

    async def redeem(self, code_hash: SecretHash) -> SignInCode | None:
        """Take a code out: at most one caller ever gets it, expired or not."""
        ...

    async def forget_before(self, moment: datetime) -> int:
        """Delete codes that expired before the moment; tell how many."""
        ...
