"""What every `WebhookSignatures` does; the recorded signatures are with the Nango adapter's tests."""

import hmac
from collections.abc import Callable
from hashlib import sha256

import pytest

from adapters.nango.signatures import NangoWebhookSignatures
from application.ports.webhook_signatures import WebhookSignatures
from domain.errors import InvalidSignature
from tests.fakes.webhook_signatures import FakeWebhookSignatures, signed

KEY = "key"
BODY = b'{"type":"auth"}'


def signed_by_nango(body: bytes) -> dict[str, str]:
    return {"X-Nango-Hmac-Sha256": hmac.new(KEY.encode(), body, sha256).hexdigest()}


@pytest.fixture(params=[(FakeWebhookSignatures, signed), (lambda: NangoWebhookSignatures([KEY]), signed_by_nango)])
def pair(request: pytest.FixtureRequest) -> tuple[WebhookSignatures, Callable[[bytes], dict[str, str]]]:
    make, sign = request.param
    return make(), sign


Pair = tuple[WebhookSignatures, Callable[[bytes], dict[str, str]]]


def test_the_very_bytes_that_were_signed_are_accepted(pair: Pair) -> None:
    signatures, sign = pair

    signatures.verify(BODY, sign(BODY))


def test_other_bytes_and_other_signatures_are_refused(pair: Pair) -> None:
    signatures, sign = pair
    [name] = sign(BODY)

    for body, headers in (
        (BODY + b" ", sign(BODY)),
        (b"", sign(BODY)),
        (BODY, {}),
        (BODY, {name: ""}),
        (BODY, {name: "0" * 64}),
        (BODY, {name: "é"}),
    ):
        with pytest.raises(InvalidSignature):
            signatures.verify(body, headers)
