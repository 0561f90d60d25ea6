"""Public keys as a test wants them."""

from collections.abc import Sequence

from application.ports.public_keys import PublicKey, PublicKeys


class FakePublicKeys(PublicKeys):
    def __init__(self, *ids: str) -> None:
        self._keys = [PublicKey(id=name, algorithm="EdDSA", type="OKP", curve="Ed25519", x=name) for name in ids]

    def list(self) -> Sequence[PublicKey]:
        return self._keys
