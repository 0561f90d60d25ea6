"""One-time codes in memory."""

from datetime import datetime

from application.ports.sign_in_codes import SignInCodes
from domain.secret import SecretHash
from domain.session import SignInCode


class InMemorySignInCodes(SignInCodes):
    def __init__(self, rows: dict[SecretHash, SignInCode]) -> None:
        self._rows = rows

    async def add(self, code: SignInCode) -> None:
        self._rows[code.hash] = code

    async def redeem(self, code_hash: SecretHash) -> SignInCode | None:
        return self._rows.pop(code_hash, None)

    async def forget_before(self, moment: datetime) -> int:
        gone = [code.hash for code in self._rows.values() if code.expires_at < moment]
        for code_hash in gone:
            del self._rows[code_hash]
        return len(gone)
