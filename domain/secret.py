"""Secrets that we hand out, and what we keep of them."""

from dataclasses import dataclass
from hashlib import sha256
from typing import NewType

SecretHash = NewType("SecretHash", bytes)


@dataclass(frozen=True, slots=True)
class Secret:
    """256 random bits in URL-safe text; only its hash is ever stored, and it never prints."""

    text: str

    def __repr__(self) -> str:
        return "Secret(…)"

    @property
    def hash(self) -> SecretHash:
        # The input is random, not a password: one fast hash is enough.
        return SecretHash(sha256(self.text.encode()).digest())
