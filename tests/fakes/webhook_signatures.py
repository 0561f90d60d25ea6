"""Signatures that are right when they say so."""

from collections.abc import Mapping

from application.ports.webhook_signatures import WebhookSignatures
from domain.errors import InvalidSignature

SIGNED = {"x-signature": "right"}


class FakeWebhookSignatures(WebhookSignatures):
    def verify(self, body: bytes, headers: Mapping[str, str]) -> None:
        del body
        if headers.get("x-signature") != "right":
            raise InvalidSignature("the signature does not fit")
