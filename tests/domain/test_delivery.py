"""What is kept of a webhook."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from domain.delivery import (
    MOST_TRIES,
    REDACTED,
    Delivery,
    DeliveryId,
    DeliveryKind,
    Json,
    ReceivedDelivery,
    kind_of,
    redact,
)
from tests.fakes.clock import NOON

FIXTURES = Path(__file__).parents[1] / "fixtures/nango"


@pytest.mark.parametrize(
    ("body", "headers", "kind"),
    [
        ({"type": "auth"}, {}, DeliveryKind.AUTH),
        ({"type": "sync"}, {}, DeliveryKind.SYNC),
        ({"type": "forward"}, {"X-GitHub-Event": "ping"}, DeliveryKind.FORWARD),
        ({"action": "deleted"}, {"X-GitHub-Event": "installation"}, DeliveryKind.GITHUB),
        ({"type": "unknown"}, {}, DeliveryKind.UNKNOWN),
        ({"type": "github"}, {}, DeliveryKind.UNKNOWN),
        ({"type": 7}, {}, DeliveryKind.UNKNOWN),
        ([], {}, DeliveryKind.UNKNOWN),
        (None, {}, DeliveryKind.UNKNOWN),
    ],
)
def test_the_kind_is_one_of_a_closed_set(body: Json, headers: dict[str, str], kind: DeliveryKind) -> None:
    assert kind_of(body, headers) is kind


def test_no_token_is_kept_wherever_it_stands() -> None:
    secrets = {
        "installation": "ghs_16C7e42F292c6912E7710c838347Ae178B4a",
        "personal": "github_pat_11ABCDEFG0_abcdefghijklmnop",
        "session": "nango_connect_session_" + "ab" * 32,
        "jwt": "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiI0MjQyNDIifQ.c2lnbmF0dXJl",
    }
    body: Json = {
        "error": {"description": "refused: " + json.dumps({"credentials": secrets})},
        "access_token": "anything",
        "connection_config": {"userCredentials": {"raw": "x"}, "jwtToken": secrets["jwt"]},
        "list": [f"Authorization: Bearer {secrets['installation']}", *secrets.values()],
        secrets["installation"]: 1,
        "title": "Rotate the keys",
        "count": 3,
    }

    kept = json.dumps(redact(body))

    assert not [secret for secret in [*secrets.values(), "anything"] if secret in kept]
    assert '"title": "Rotate the keys"' in kept
    assert '"count": 3' in kept


def test_a_secret_inside_of_json_inside_of_a_text_is_not_kept() -> None:
    inner = json.dumps({"refresh_token": "opaque-value-1", "client_secret": "opaque-value-2"})

    kept = json.dumps(redact({"error": json.dumps({"message": inner})}))

    assert "opaque-value" not in kept


@pytest.mark.parametrize(
    "text",
    [
        "x_ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        "access_token%3D0123456789abcdef0123456789abcdef01234567",
        "access_token=0123456789abcdef&x=1",
        "refresh_token: '0123456789abcdef'",
        'Authorization: Basic 0123456789abcdef"',
        "authorization: token 0123456789abcdef",
        "https://x-access-token:0123456789abcdef@github.test",
        "-----BEGIN RSA PRIVATE KEY-----\n0123456789abcdef\n-----END RSA PRIVATE KEY-----",
        '{\\"private_key\\":\\"0123456789abcdef\\"}',
        '{"password":"0123456789abcdef"}',
        "https://x.test/cb?code=0123456789abcdef&state=s",
    ],
)
def test_a_secret_is_found_in_many_spellings(text: str) -> None:
    kept = json.dumps(redact({"note": text}))

    assert "16C7e42F" not in kept
    assert "0123456789abcdef" not in kept


@pytest.mark.parametrize("key", ["api_key", "code", "code_verifier", "cookie", "session", "signature", "passphrase"])
def test_a_field_that_is_named_for_a_secret_is_not_kept(key: str) -> None:
    assert redact({key: "value"}) == {key: REDACTED}


def test_ordinary_words_are_kept() -> None:
    body: Json = {
        "message": "Fix the tokenizer; highs_and_lows of secrets management",
        "sha": "0" * 40,
        "code_scanning": 1,
    }

    assert redact(body) == body


@pytest.mark.parametrize(
    "piece", ["-eyJ", "eyJa.", "ghp_", "token", 'token"', "token\\", "-----BEGIN A", "bearer ", "code="]
)
def test_no_text_takes_longer_than_its_length(piece: str) -> None:
    # Quadratic, this would take minutes.
    redact(piece * (1_000_000 // len(piece)))


def test_what_the_database_cannot_store_is_replaced() -> None:
    assert redact({"\ud800": "a\x00\udfff"}) == {"\N{REPLACEMENT CHARACTER}": "a" + "\N{REPLACEMENT CHARACTER}" * 2}


class Recorded(msgspec.Struct):
    raw_body: str
    headers: dict[str, str]


RECORDED = [
    recorded
    for path in sorted(FIXTURES.glob("*webhook*.json"))
    if path.read_text().startswith("[")
    for recorded in msgspec.json.decode(path.read_bytes(), type=list[Recorded])
]


@pytest.mark.parametrize("recorded", RECORDED)
def test_recorded_webhooks_are_kept_without_signatures_and_tokens(recorded: Recorded) -> None:
    body = json.loads(recorded.raw_body)

    kept = ReceivedDelivery.receive(recorded.raw_body.encode(), body, recorded.headers, NOON)

    assert kept.kind is DeliveryKind.AUTH
    assert "gho_" not in json.dumps(kept.body)
    assert not {"x-nango-signature", "x-nango-hmac-sha256"} & set(kept.headers)


def test_tries_are_further_and_further_apart_and_end() -> None:
    first = Delivery(id=DeliveryId(1), kind=DeliveryKind.AUTH, body={}, headers={}, received_at=NOON, tries=1)
    pauses = [replace(first, tries=tries).retry_at(NOON) for tries in range(1, MOST_TRIES + 1)]

    seconds = [(pause - NOON) / timedelta(seconds=1) for pause in pauses if pause]
    assert seconds == [1, 2, 4, 8, 16, 32, 64, 128, 256, *[300] * (MOST_TRIES - 10)]
    assert pauses[-1] is None
