"""What others need to check our access tokens by themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """A point on a curve, in base64url as JSON Web Keys have it (RFC 7517); `y` only where the curve needs one."""

    id: str
    algorithm: str
    type: str
    curve: str
    x: str
    y: str | None = None


# The web framework checks what it is given, and can do that only with such a Protocol.
@runtime_checkable
class PublicKeys(Protocol):
    def list(self) -> Sequence[PublicKey]:
        """List the keys whose tokens we accept, the one that signs first; none where a shared secret signs."""
        ...
