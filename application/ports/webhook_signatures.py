"""Whether a webhook was signed by Nango."""

from collections.abc import Mapping
from typing import Protocol


class WebhookSignatures(Protocol):
    def verify(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Raise `InvalidSignature` unless one of the signing keys signed these very bytes."""
        ...
