"""The public halves of the keys that sign access tokens."""

from collections.abc import Sequence

from adapters.jwt.keys import Key
from application.ports.public_keys import PublicKey, PublicKeys


class JwtPublicKeys(PublicKeys):
    def __init__(self, keys: Sequence[Key]) -> None:
        self._published = tuple(key.published for key in keys if key.published)

    def list(self) -> Sequence[PublicKey]:
        return self._published
