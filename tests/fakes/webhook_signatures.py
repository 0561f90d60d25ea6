"""Signatures without a key."""

from collections.abc import Mapping
from hashlib import sha256

from application.ports.webhook_signatures import WebhookSignatures
from domain.errors import InvalidSignature


class FakeWebhookSignatures(WebhookSignatures):
    def verify(self, body: bytes, headers: Mapping[str, str]) -> None:
        if headers.get("x-signature") != signed(body)["x-signature"]:
            raise InvalidSignature("the signature does not fit")


def signed(body: bytes) -> dict[str, str]:
    return {"x-signature": sha256(body).hexdigest()}
