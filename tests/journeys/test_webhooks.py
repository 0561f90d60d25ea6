"""Webhooks: lost, doubled, late, early and forged ones; and what strangers send to the address."""

import hashlib
import hmac
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final
from uuid import uuid4

import pytest

from entrypoints.sandbox.settings import MADE_UP_SIGNING_KEY
from tests.journeys.browser import Browser, problem_of
from tests.journeys.deployment import Deployment
from tests.journeys.outcomes import (
    assert_never_seen,
    assert_not_signed_in,
    assert_one_connection,
    assert_signed_in,
    assert_start_again,
)
from tests.journeys.sandbox import Person
from tests.journeys.waiting import eventually

pytestmark = [pytest.mark.journey, pytest.mark.postgres]

MEBIBYTE: Final = 1024 * 1024
GITHUB_TOKENS: Final = ["gho_" + "a" * 36, "ghu_" + "b" * 36, "ghs_" + "c" * 36, "ghr_" + "d" * 36, "ghp_" + "e" * 36]


def test_a_lost_webhook_is_not_missed(latchkey: Deployment, browser: Browser, person: Person) -> None:
    latchkey.sandbox.trouble_webhooks(drop=1)
    browser.sign_in(person.login)

    assert_signed_in(browser, person)
    assert_one_connection(latchkey, person)
    assert latchkey.rows.deliveries_with(latchkey.rows.user_id(person)) == []


def test_a_doubled_webhook_changes_nothing(latchkey: Deployment, browser: Browser, person: Person) -> None:
    latchkey.sandbox.trouble_webhooks(duplicate=1)
    browser.sign_in(person.login)
    user_id = latchkey.rows.user_id(person)

    eventually(lambda: sum(one["received"] for one in latchkey.rows.deliveries_with(user_id)) == 2, "both deliveries")
    latchkey.wait_until_processed(user_id)
    assert len(latchkey.rows.sessions_of(person)) == 1
    assert_one_connection(latchkey, person)


def test_a_webhook_that_comes_late_changes_nothing(latchkey: Deployment, browser: Browser, person: Person) -> None:
    latchkey.sandbox.trouble_webhooks(reorder=2)
    browser.sign_in(person.login)
    before = assert_one_connection(latchkey, person)
    latchkey.sandbox.trouble_webhooks()

    [delivery] = latchkey.wait_until_processed(latchkey.rows.user_id(person))
    assert delivery["state"] in {"done", "ignored"}
    assert assert_one_connection(latchkey, person) == before
    assert len(latchkey.rows.sessions_of(person)) == 1


def test_a_webhook_sent_again_an_hour_later_changes_nothing(
    latchkey: Deployment, browser: Browser, person: Person
) -> None:
    browser.sign_in(person.login)
    user_id = latchkey.rows.user_id(person)
    before = assert_one_connection(latchkey, person)
    latchkey.wait_until_processed(user_id)
    latchkey.rows.let_connections_rest(person)
    [webhook] = latchkey.sandbox.webhooks_about(user_id)
    latchkey.sandbox.redeliver(webhook["number"])

    eventually(lambda: len(latchkey.rows.deliveries_with(user_id)) == 2, "the second delivery")
    latchkey.wait_until_processed(user_id)
    assert assert_one_connection(latchkey, person) == before
    assert len(latchkey.rows.sessions_of(person)) == 1


def test_a_webhook_that_overtakes_the_callback_waits_for_it(
    latchkey: Deployment, browser: Browser, person: Person
) -> None:
    callback = browser.authorize(browser.start(), person.login)
    [attempt_id] = browser.attempts
    stop = latchkey.tap.stop_after("GET", "/oauth/callback")
    with ThreadPoolExecutor() as threads:
        coming_back = threads.submit(browser.callback, callback)
        stop.wait_until_reached()
        eventually(
            lambda: (
                [one["note"] for one in latchkey.rows.deliveries_with(attempt_id)]
                == ["the sign-in's own browser is finishing it"]
            ),
            "putting the webhook off",
        )
        assert latchkey.rows.user(person) is None
        stop.release()
        assert coming_back.result().status_code == 303

    latchkey.rows.make_due(attempt_id)
    [delivery] = latchkey.wait_until_processed(attempt_id)
    assert (delivery["state"], delivery["tries"]) == ("done", 2)
    assert len(latchkey.rows.sessions_of(person)) == 1
    assert_one_connection(latchkey, person)


def test_webhooks_in_the_wrong_order_change_nothing(
    latchkey: Deployment, browser: Browser, other_browser: Browser, person: Person
) -> None:
    latchkey.sandbox.trouble_webhooks(reorder=2)
    browser.sign_in(person.login)
    first = latchkey.sandbox.connections_of(person)[0].id
    other_browser.sign_in(person.login)
    latchkey.sandbox.trouble_webhooks()
    latchkey.wait_until_processed(first)

    assert assert_one_connection(latchkey, person) != first
    assert_signed_in(browser, person)
    assert_signed_in(other_browser, person)


@pytest.mark.parametrize("operation", ["creation", "override", "refresh", "deletion", "made-up"])
@pytest.mark.parametrize("success", [True, False])
def test_a_forged_webhook_about_somebody_changes_nothing_of_theirs(  # noqa: PLR0913 - who plays, and what
    latchkey: Deployment, browser: Browser, person: Person, attacker: Person, operation: str, *, success: bool
) -> None:
    browser.sign_in(person.login)
    connection_id = assert_one_connection(latchkey, person)
    user = latchkey.rows.user(person)
    mark = str(uuid4())
    latchkey.rows.let_connections_rest(person)

    latchkey.sandbox.post_to_ingress(
        {**latchkey.auth_event(connection_id, mark, operation=operation), "success": success, "login": attacker.login}
    )
    eventually(lambda: latchkey.rows.deliveries_with(mark), "the forged delivery")
    latchkey.wait_until_processed(mark)
    assert latchkey.rows.user(person) == user
    assert assert_one_connection(latchkey, person) == connection_id
    assert len(latchkey.rows.sessions_of(person)) == 1
    assert_signed_in(browser, person)


def test_a_forged_webhook_does_not_open_the_door_for_an_attempt_that_waits_for_its_browser(
    latchkey: Deployment, browser: Browser, other_browser: Browser, person: Person, attacker: Person
) -> None:
    other_browser.sign_in(attacker.login)
    attackers_connection = assert_one_connection(latchkey, attacker)
    callback = browser.authorize(browser.start(), person.login)
    [attempt_id] = browser.attempts

    for connection_id in ("made-up", attackers_connection):
        latchkey.sandbox.post_to_ingress(latchkey.auth_event(connection_id, attempt_id))
    eventually(lambda: len(latchkey.rows.deliveries_with(attempt_id)) == 2, "the forged deliveries")
    latchkey.wait_until_processed(attempt_id)
    assert latchkey.rows.attempt(attempt_id)["state"] == "open"
    assert_start_again(other_browser.callback(callback))
    assert_never_seen(latchkey, person)
    browser.callback(callback)
    assert_signed_in(browser, person)
    assert assert_one_connection(latchkey, attacker) == attackers_connection


def test_a_forged_webhook_about_nobody_makes_nobody(latchkey: Deployment) -> None:
    users = latchkey.rows.read("SELECT count(*) FROM users")
    end_user = uuid4()
    asked_before = len(latchkey.tap.asked)

    latchkey.sandbox.post_to_ingress(latchkey.auth_event(str(uuid4()), end_user))
    [delivery] = eventually(lambda: latchkey.rows.deliveries_with(end_user), "the forged delivery")
    latchkey.wait_until_processed(end_user)
    assert delivery["received"] == 1
    assert latchkey.rows.deliveries_with(end_user)[0]["state"] == "ignored"
    assert latchkey.rows.read("SELECT count(*) FROM users") == users
    assert len(latchkey.tap.asked) == asked_before, "it costs no call to Nango"


def test_a_connection_made_without_a_browser_of_ours_signs_nobody_in(
    latchkey: Deployment, browser: Browser, person: Person
) -> None:
    """Somebody got hold of an attempt's id, and had Nango make a connection for it."""
    browser.start()
    [attempt_id] = browser.attempts
    latchkey.sandbox.import_connection(attempt_id)
    latchkey.sandbox.post_to_ingress(latchkey.auth_event("made-up", attempt_id))
    eventually(lambda: latchkey.rows.deliveries_with(attempt_id), "the delivery")
    latchkey.wait_until_processed(attempt_id)

    assert latchkey.rows.attempt(attempt_id)["state"] == "open"
    assert_not_signed_in(browser)
    assert_never_seen(latchkey, person)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Nango-Hmac-Sha256": ""},
        {"X-Nango-Hmac-Sha256": "0" * 64},
        {"X-Nango-Hmac-Sha256": "not hexadecimal"},
        {"X-Nango-Signature": "0" * 64},
        {"X-Nango-Hmac-Sha256": "0" * 64, "X-Nango-Signature": "0" * 64},
        {"X-Hub-Signature-256": "sha256=" + "0" * 64},
    ],
)
def test_a_webhook_without_a_right_signature_is_refused(latchkey: Deployment, headers: dict[str, str]) -> None:
    mark = str(uuid4())
    answer = latchkey.stranger().post("/api/webhooks/nango", json={"type": "auth", "mark": mark}, headers=headers)

    assert answer.status_code == 401
    assert problem_of(answer)["code"] == "invalid_signature"
    assert latchkey.rows.deliveries_with(mark) == []


def test_a_signature_does_not_go_with_another_body(latchkey: Deployment) -> None:
    body, headers = latchkey.sandbox.sign({"type": "auth"})

    answer = latchkey.stranger().post("/api/webhooks/nango", content=body.replace("auth", "sync"), headers=headers)
    assert answer.status_code == 401


def test_nangos_plain_hash_is_no_signature_unless_the_operator_says_so(latchkey: Deployment) -> None:
    body, headers = latchkey.sandbox.sign({"type": "auth"})
    plain = {"X-Nango-Signature": headers["X-Nango-Signature"]}

    assert latchkey.stranger().post("/api/webhooks/nango", content=body, headers=plain).status_code == 401


def test_an_hmac_in_the_older_header_counts(latchkey: Deployment) -> None:
    body, headers = latchkey.sandbox.sign({"type": "auth"})
    older = {"X-Nango-Signature": headers["X-Nango-Hmac-Sha256"]}

    assert latchkey.stranger().post("/api/webhooks/nango", content=body, headers=older).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"NaN",
        b'{"n":Infinity}',
        b"\xff\xfe",
        b"type=auth",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"[" * 5_000 + b"]" * 5_000,
        b'{"n":' + b"9" * 5_000 + b"}",
    ],
    ids=lambda body: f"{bytes(body[:12])!r} and so on",
)
def test_a_signed_body_that_is_not_json_is_refused(latchkey: Deployment, body: bytes) -> None:
    answer = latchkey.post_webhook(body)

    assert answer.status_code == 400
    assert problem_of(answer)["code"] == "malformed_delivery"


def test_an_ordinary_delivery_may_have_a_mebibyte_and_no_more(latchkey: Deployment) -> None:
    mark = str(uuid4())
    small = b'{"type":"auth","mark":"%s","x":"%s"}' % (mark.encode(), b"x" * (MEBIBYTE - 100))
    large = b'{"type":"auth","mark":"%s","x":"%s"}' % (mark.encode(), b"y" * MEBIBYTE)

    assert latchkey.post_webhook(small).status_code == 200
    answer = latchkey.post_webhook(large)
    assert (answer.status_code, problem_of(answer)["code"]) == (413, "too_large")
    assert len(latchkey.rows.deliveries_with(mark)) == 1


def test_an_event_that_nango_passes_on_from_github_may_be_larger(latchkey: Deployment) -> None:
    mark = str(uuid4())
    body = b'{"type":"forward","mark":"%s","x":"%s"}' % (mark.encode(), b"x" * (2 * MEBIBYTE))

    assert latchkey.post_webhook(body).status_code == 200
    assert len(latchkey.rows.deliveries_with(mark)) == 1


def test_nothing_may_be_larger_than_github_sends(latchkey: Deployment) -> None:
    assert latchkey.post_webhook(b'{"type":"forward","x":"' + b"x" * (25 * MEBIBYTE) + b'"}').status_code == 413


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"type": "invented"}, "unknown"),
        ({"type": ["auth"]}, "unknown"),
        ({"type": None}, "unknown"),
        ({"type": "auth"}, "auth"),
        ({"type": "auth", "connectionId": 7, "endUser": []}, "auth"),
        ({"type": "auth", "providerConfigKey": "github", "connectionId": {"a": 1}}, "auth"),
        ({"type": "auth", "providerConfigKey": "github", "connectionId": "../../evil", "endUser": "x"}, "auth"),
        ({"type": "auth", "providerConfigKey": "github", "connectionId": "a\u0000b", "endUser": {}}, "auth"),
        ({"type": "auth", "providerConfigKey": "github", "connectionId": "x" * 5000}, "auth"),
        ({"type": "sync", "model": "GithubIssue", "unheard_of": {"deep": [1, 2]}}, "sync"),
        ({"type": "forward", "payload": {}}, "forward"),
        ({"type": "async_action"}, "async_action"),
        ({"NUL": "a\u0000b", "N\u0000L": "\u0000"}, "unknown"),
        ({"numbers": [10**300, -(10**30), 0.1, -0.0]}, "unknown"),
    ],
)
def test_a_signed_body_of_any_shape_is_stored_and_leads_nowhere(
    latchkey: Deployment, body: dict[str, Any], kind: str
) -> None:
    mark = str(uuid4())

    assert latchkey.post_webhook({**body, "mark": mark}).status_code == 200
    [delivery] = latchkey.wait_until_processed(mark)
    assert (delivery["kind"], delivery["state"]) == (kind, "ignored")


@pytest.mark.parametrize("number", ["1e400", "-1e400", "1e-400", "1" + "0" * 4000])
def test_a_huge_number_is_no_obstacle(latchkey: Deployment, number: str) -> None:
    mark = str(uuid4())
    body = f'{{"mark":"{mark}","n":{number}}}'.encode()

    assert latchkey.post_webhook(body).status_code in {200, 400}


@pytest.mark.parametrize("text", [r"{\"a\":\"\ud800\"}", r"{\"\udfff\":1}", r"[\"\ud83d\"]"])
def test_half_a_character_is_no_obstacle(latchkey: Deployment, text: str) -> None:
    """JSON can spell lone surrogates, which neither UTF-8 nor PostgreSQL has."""
    body = text.replace('\\"', '"').encode()

    assert latchkey.post_webhook(body).status_code in {200, 400}


@pytest.mark.parametrize("body", [b"null", b"[]", b"0", b'"text"', b"true", b"[[[[]]]]"])
def test_json_that_is_no_object_is_stored_and_leads_nowhere(latchkey: Deployment, body: bytes) -> None:
    assert latchkey.post_webhook(body).status_code == 200


@pytest.mark.parametrize("token", [*GITHUB_TOKENS, "github_pat_11AAAAAAA0abcdefghij_" + "k" * 40])
def test_what_looks_like_a_token_is_not_stored(latchkey: Deployment, token: str) -> None:
    mark = str(uuid4())
    body = {
        "mark": mark,
        "text": f"the token {token}, and more",
        "list": [token, {"deep": f"Bearer {token}"}],
        f"a key with {token}": 1,
        "error": {"description": '{"credentials":{"access_token":"' + token + '","refresh_token":"made-up"}}'},
        "credentials": {"anything": "made-up"},
    }

    assert latchkey.post_webhook(body, {"User-Agent": f"nango {token}"}).status_code == 200
    [delivery] = latchkey.rows.deliveries_with(mark)
    assert token not in str(delivery)
    assert "made-up" not in str(delivery)
    assert "[redacted]" in str(delivery["body"])


def test_of_the_headers_only_harmless_ones_are_stored(latchkey: Deployment) -> None:
    mark = str(uuid4())
    sent = {"X-GitHub-Event": "ping", "Cookie": "a=b", "Authorization": "Basic made-up", "X-Anything": "made-up"}
    latchkey.post_webhook({"mark": mark}, sent)

    [delivery] = latchkey.rows.deliveries_with(mark)
    assert delivery["kind"] == "github"
    assert set(delivery["headers"]) <= {"x-github-event", "content-type", "user-agent"}


def test_equal_webhooks_that_wait_together_are_one(latchkey: Deployment) -> None:
    mark = str(uuid4())
    body = {"type": "invented", "mark": mark}
    with ThreadPoolExecutor() as threads:
        answers = list(threads.map(latchkey.post_webhook, [body] * 10))

    assert {answer.status_code for answer in answers} == {200}
    assert sum(one["received"] for one in latchkey.rows.deliveries_with(mark)) == 10


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_the_webhooks_address_is_for_posting(latchkey: Deployment, method: str) -> None:
    assert latchkey.stranger().request(method, "/api/webhooks/nango").status_code == 405


def test_a_signing_key_is_rotated_without_losing_a_webhook(latchkey: Deployment) -> None:
    newer = "d3c8f6e5-9b27-4a40-81e3-82fa5d4b7069"
    keys = (MADE_UP_SIGNING_KEY, newer)
    both, meanwhile = latchkey.start_beside(NANGO_WEBHOOK_SIGNING_KEYS=",".join(keys))
    one, afterwards = latchkey.start_beside(NANGO_WEBHOOK_SIGNING_KEYS=newer)

    def answers(address: str) -> list[int]:
        return [post_signed(latchkey, address, key) for key in keys]

    assert answers(meanwhile) == [200, 200]
    assert answers(afterwards) == [401, 200]
    both.stop()
    one.stop()


def post_signed(latchkey: Deployment, address: str, key: str) -> int:
    raw = json.dumps({"type": "async_action", "id": str(uuid4())}).encode()
    signature = hmac.new(key.encode(), raw, hashlib.sha256).hexdigest()
    headers = {"X-Nango-Hmac-Sha256": signature}
    return latchkey.stranger().post(f"{address}/api/webhooks/nango", content=raw, headers=headers).status_code
