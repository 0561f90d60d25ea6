"""Ids and secrets."""

from typing import Protocol
from uuid import UUID

from domain.secret import Secret


class Randomness(Protocol):
    """What must not be guessable; injected, so that a test can know it."""

    def new_id(self) -> UUID:
        """Make a random id (UUID version 4)."""
        ...

    def new_secret(self) -> Secret:
        """Make a secret of 256 random bits."""
        ...
