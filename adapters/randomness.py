"""The operating system's randomness."""

from secrets import token_urlsafe
from uuid import UUID, uuid4

from application.ports.randomness import Randomness
from domain.secret import Secret


class SystemRandomness(Randomness):
    def new_id(self) -> UUID:
        return uuid4()

    def new_secret(self) -> Secret:
        return Secret(token_urlsafe(32))
