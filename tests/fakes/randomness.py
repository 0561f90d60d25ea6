"""Ids and secrets that can be foretold."""

from uuid import UUID

from application.ports.randomness import Randomness
from domain.secret import Secret


class FakeRandomness(Randomness):
    def __init__(self) -> None:
        self._ids = 0
        self._secrets = 0

    def new_id(self) -> UUID:
        self._ids += 1
        return UUID(int=self._ids)

    def new_secret(self) -> Secret:
        self._secrets += 1
        return Secret(f"secret-{self._secrets:036d}")
