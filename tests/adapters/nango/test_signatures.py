import hmac
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.nango.signatures import NangoWebhookSignatures
from domain.errors import InvalidSignature
from tests.adapters.nango import recorded

KEY, OTHER = recorded.SIGNING_KEY, "c2b7e5d4-8a16-4f39-b0d2-71e94c3a6f58"
DELIVERIES = list(recorded.deliveries())
BODY = b'{"type":"auth"}'
HMAC = hmac.digest(KEY.encode(), BODY, sha256).hex()
LEGACY = sha256(KEY.encode() + BODY).hexdigest()


def test_the_recordings_hold_many_deliveries() -> None:
    assert len(DELIVERIES) > 30


@pytest.mark.parametrize(("name", "headers", "raw"), DELIVERIES, ids=[one[0] for one in DELIVERIES])
def test_a_recorded_delivery_is_nangos_and_a_tampered_one_is_not(
    name: str, headers: dict[str, str], raw: bytes
) -> None:
    assert name
    NangoWebhookSignatures([OTHER, KEY, recorded.ROTATED_KEY]).verify(raw, headers)

    for tampered in (raw + b" ", raw[:-1], raw.replace(b'"', b"'", 1), b""):
        with pytest.raises(InvalidSignature):
            NangoWebhookSignatures([KEY, recorded.ROTATED_KEY], allow_legacy=True).verify(tampered, headers)
    with pytest.raises(InvalidSignature):
        NangoWebhookSignatures([OTHER], allow_legacy=True).verify(raw, headers)


@pytest.mark.parametrize("name", ["X-Nango-Hmac-Sha256", "x-nango-hmac-sha256", "X-NANGO-SIGNATURE"])
def test_an_hmac_counts_in_either_header_however_it_is_spelt(name: str) -> None:
    NangoWebhookSignatures([KEY]).verify(BODY, {name: HMAC})
    NangoWebhookSignatures([KEY]).verify(BODY, {name: HMAC.upper()})


def test_the_legacy_hash_counts_only_where_it_is_allowed_and_only_in_its_header() -> None:
    NangoWebhookSignatures([OTHER, KEY], allow_legacy=True).verify(BODY, {"X-Nango-Signature": LEGACY})

    with pytest.raises(InvalidSignature):
        NangoWebhookSignatures([KEY]).verify(BODY, {"X-Nango-Signature": LEGACY})
    with pytest.raises(InvalidSignature):
        NangoWebhookSignatures([KEY], allow_legacy=True).verify(BODY, {"X-Nango-Hmac-Sha256": LEGACY})


def test_one_good_signature_is_enough() -> None:
    headers = {"X-Nango-Signature": "garbage", "X-Nango-Hmac-Sha256": HMAC}

    NangoWebhookSignatures([KEY]).verify(BODY, headers)


@settings(deadline=None)
@given(
    st.sampled_from(["x-nango-hmac-sha256", "X-Nango-Signature", "X-Other"]),
    st.one_of(
        st.text(), st.sampled_from([HMAC[:-1], HMAC + "0", f" {HMAC}", f"{HMAC}\n", "é" * 64, "\u0660" * 64, ""])
    ),
)
def test_garbage_is_an_invalid_signature_and_nothing_else(name: str, value: str) -> None:
    with pytest.raises(InvalidSignature):
        NangoWebhookSignatures([KEY], allow_legacy=True).verify(BODY, {name: value})


def test_no_signature_is_an_invalid_one() -> None:
    with pytest.raises(InvalidSignature):
        NangoWebhookSignatures([KEY]).verify(BODY, {})


@pytest.mark.parametrize("keys", [[], [""], [KEY, ""]])
def test_without_keys_nothing_can_be_verified(keys: list[str]) -> None:
    with pytest.raises(ValueError, match="signing key"):
        NangoWebhookSignatures(keys)
