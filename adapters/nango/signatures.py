"""Nango's signatures over webhooks."""

import re
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from hmac import compare_digest
from hmac import digest as hmac_digest
from typing import Final

from application.ports.webhook_signatures import WebhookSignatures
from domain.errors import InvalidSignature

HMAC_HEADER: Final = "x-nango-hmac-sha256"
SIGNATURE_HEADER: Final = "x-nango-signature"
HEX_SHA256: Final = re.compile(r"[0-9a-fA-F]{64}")

Sign = Callable[[bytes, bytes], bytes]


class NangoWebhookSignatures(WebhookSignatures):
    """Accepts an HMAC-SHA256 by any of the keys, in either of Nango's headers.

    `allow_legacy` also accepts `sha256(key + body)` in `X-Nango-Signature`, the hash that Nango sends there today.
    """

    def __init__(self, signing_keys: Sequence[str], *, allow_legacy: bool = False) -> None:
        if not signing_keys or not all(signing_keys):
            raise ValueError("a signing key is needed, and none may be empty")
        self._keys = tuple(key.encode() for key in signing_keys)
        self._ways: tuple[tuple[str, Sign], ...] = ((HMAC_HEADER, _hmac), (SIGNATURE_HEADER, _hmac))
        if allow_legacy:
            self._ways += ((SIGNATURE_HEADER, _legacy_hash),)

    def verify(self, body: bytes, headers: Mapping[str, str]) -> None:
        given = _signatures(headers)
        # All are compared, so that the time taken does not tell which one fits.
        fits = [
            compare_digest(sign(key, body), given[header])
            for header, sign in self._ways
            if header in given
            for key in self._keys
        ]
        if not any(fits):
            raise InvalidSignature("the webhook was not signed with a known key")


def _signatures(headers: Mapping[str, str]) -> dict[str, bytes]:
    return {
        name.lower(): bytes.fromhex(value)
        for name, value in headers.items()
        if name.lower() in {HMAC_HEADER, SIGNATURE_HEADER} and HEX_SHA256.fullmatch(value)
    }


def _hmac(key: bytes, body: bytes) -> bytes:
    return hmac_digest(key, body, sha256)


def _legacy_hash(key: bytes, body: bytes) -> bytes:
    return sha256(key + body).digest()
