"""Attacks on the way to GitHub and back: only the browser that began gets in, and only as who it is on GitHub."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from secrets import token_urlsafe
from typing import Final
from urllib.parse import quote

import pytest

from tests.journeys.browser import ATTEMPT_COOKIE, NAVIGATION, Browser, parameter
from tests.journeys.deployment import ALLOWED_ORIGIN, Deployment
from tests.journeys.outcomes import (
    assert_never_seen,
    assert_not_signed_in,
    assert_one_connection,
    assert_signed_in,
    assert_start_again,
    assert_start_again_problem,
)
from tests.journeys.sandbox import Person

pytestmark = [pytest.mark.journey, pytest.mark.postgres]

CALLBACK: Final = "/oauth/callback"


@pytest.fixture
def victim(browser: Browser) -> Browser:
    return browser


@pytest.fixture
def crook(other_browser: Browser) -> Browser:
    return other_browser


def passed_on(latchkey: Deployment) -> int:
    """Count the callbacks that reached Nango."""
    return len(latchkey.tap.of("GET", CALLBACK))


def with_parameter(url: str, name: str, value: str) -> str:
    old = parameter(url, name)
    assert old
    return url.replace(f"{name}={quote(old, safe='')}", f"{name}={quote(value, safe='')}")


def test_a_link_that_another_browser_began_ends_on_a_page_that_says_start_again(
    latchkey: Deployment, victim: Browser, crook: Browser, person: Person
) -> None:
    passed_on_link = crook.start()
    callback = victim.authorize(passed_on_link, person.login)

    assert_start_again(victim.callback(callback))
    assert_not_signed_in(victim)
    assert_never_seen(latchkey, person)
    assert passed_on(latchkey) == 0


def test_a_link_of_another_browser_ends_no_differently_while_one_is_signing_in_oneself(
    latchkey: Deployment, victim: Browser, crook: Browser, person: Person
) -> None:
    own_link = victim.start()
    callback = victim.authorize(crook.start(), person.login)

    assert_start_again(victim.callback(callback))
    assert passed_on(latchkey) == 0
    assert victim.callback(victim.authorize(own_link, person.login)).status_code == 303
    assert_signed_in(victim, person)
    assert_one_connection(latchkey, person)


def test_who_sent_the_link_gains_nothing_from_it(
    latchkey: Deployment, victim: Browser, crook: Browser, person: Person
) -> None:
    link = crook.start()
    callback = victim.authorize(link, person.login)
    victim.callback(callback)

    state = parameter(callback, "state")
    for guess in (f"state={state}", f"state={state}&code=", f"state={state}&code={token_urlsafe(12)}"):
        assert crook.callback(f"{latchkey.origin}{CALLBACK}?{guess}").status_code == 400
        assert_not_signed_in(crook)
    assert_never_seen(latchkey, person)


@pytest.mark.parametrize("is_signing_in", [False, True])
def test_an_attackers_callback_does_not_sign_the_victim_in_as_the_attacker(  # noqa: PLR0913 - who plays
    latchkey: Deployment,
    victim: Browser,
    crook: Browser,
    person: Person,
    attacker: Person,
    *,
    is_signing_in: bool,
) -> None:
    own_link = victim.start() if is_signing_in else None
    callback = crook.authorize(crook.start(), attacker.login)

    assert_start_again(victim.callback(callback))
    assert_not_signed_in(victim)
    assert passed_on(latchkey) == 0
    if own_link is not None:
        victim.callback(victim.authorize(own_link, person.login))
        assert_signed_in(victim, person)


def test_an_attackers_callback_does_not_touch_the_session_that_is_there(
    victim: Browser, crook: Browser, person: Person, attacker: Person
) -> None:
    victim.sign_in(person.login)
    session = victim.session
    victim.callback(crook.authorize(crook.start(), attacker.login))

    assert victim.session == session
    assert_signed_in(victim, person)


def test_an_attackers_code_under_the_victims_state_signs_nobody_in(
    latchkey: Deployment, victim: Browser, crook: Browser, attacker: Person
) -> None:
    """The code was bound to another authorisation (PKCE), so that GitHub refuses it."""
    own_link = victim.start()
    [attempt_id] = victim.attempts
    state = parameter(own_link, "state")
    assert state
    callback = crook.authorize(crook.start(), attacker.login)

    assert_start_again(victim.callback(with_parameter(callback, "state", state)))
    assert_not_signed_in(victim)
    assert_never_seen(latchkey, attacker)
    assert latchkey.rows.attempt(attempt_id)["state"] in {"failing", "failed"}


def test_a_made_up_state_opens_nothing_before_during_and_after_a_callback(
    latchkey: Deployment, victim: Browser, crook: Browser, person: Person
) -> None:
    made_up = f"{latchkey.origin}{CALLBACK}?code=made-up&state={token_urlsafe(32)}"
    callback = victim.authorize(victim.start(), person.login)
    crook.start()

    assert_start_again(crook.callback(made_up))
    stop = latchkey.tap.stop_before("GET", CALLBACK)
    with ThreadPoolExecutor() as threads:
        coming_back = threads.submit(victim.callback, callback)
        stop.wait_until_reached()
        assert_start_again(crook.callback(made_up))
        assert_start_again(crook.callback(callback))
        stop.release()
        assert coming_back.result().status_code == 303
    assert_start_again(crook.callback(made_up))

    assert_not_signed_in(crook)
    assert_signed_in(victim, person)
    assert len(latchkey.rows.sessions_of(person)) == 1


def test_a_second_request_during_the_callback_waits_in_words_and_gets_no_session_of_its_own(
    latchkey: Deployment, victim: Browser, person: Person
) -> None:
    callback = victim.authorize(victim.start(), person.login)
    stop = latchkey.tap.stop_after("GET", CALLBACK)
    with ThreadPoolExecutor() as threads:
        first = threads.submit(victim.callback, callback)
        stop.wait_until_reached()
        second = victim.callback(callback)
        stop.release()
        assert first.result().status_code == 303

    assert second.status_code == 503
    assert "One moment" in second.text
    assert passed_on(latchkey) == 1
    assert len(latchkey.rows.sessions_of(person)) == 1


def test_twenty_callbacks_at_once_give_one_session(latchkey: Deployment, victim: Browser, person: Person) -> None:
    callback = victim.authorize(victim.start(), person.login)
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(victim.callback, [callback] * 20))

    statuses = sorted(answer.status_code for answer in answers)
    assert statuses.count(303) == 1
    assert set(statuses) <= {303, 400, 503}
    assert passed_on(latchkey) == 1
    assert len(latchkey.rows.sessions_of(person)) == 1


def test_the_state_of_one_attempt_does_not_go_with_the_cookie_of_another(
    latchkey: Deployment, victim: Browser, crook: Browser, person: Person
) -> None:
    callback = victim.authorize(victim.start(), person.login)
    crook.start()
    [victims_attempt], [crooks_attempt] = victim.attempts, crook.attempts
    # The attempt's id is no secret; its cookie's value is.
    crook.http.cookies.set(f"{ATTEMPT_COOKIE}{victims_attempt.hex}", crook.attempt_secret(crooks_attempt))

    assert_start_again(crook.callback(callback))
    assert_not_signed_in(crook)
    assert passed_on(latchkey) == 0


@pytest.mark.parametrize("value", ["", "1", "1.", ".", "1795264058.", "9" * 40, "1.\u00e9", "1." + "a" * 5000])
def test_a_made_up_cookie_is_nobodys(latchkey: Deployment, victim: Browser, person: Person, value: str) -> None:
    callback = victim.authorize(victim.start(), person.login)
    [attempt_id] = victim.attempts

    cookie = f"{ATTEMPT_COOKIE}{attempt_id.hex}={value}"
    answer = latchkey.stranger().get(callback, headers=[(b"Cookie", cookie.encode()), (b"Accept", b"text/html")])
    assert_start_again(answer)


def test_a_callback_works_once_in_its_own_browser(latchkey: Deployment, victim: Browser, person: Person) -> None:
    callback = victim.authorize(victim.start(), person.login)
    victim.callback(callback)
    session = victim.session

    assert_start_again(victim.callback(callback))
    assert victim.session == session
    assert passed_on(latchkey) == 1
    assert len(latchkey.rows.sessions_of(person)) == 1


def test_a_callback_that_was_used_is_worth_nothing_to_others(
    latchkey: Deployment, victim: Browser, crook: Browser, person: Person
) -> None:
    callback = victim.authorize(victim.start(), person.login)
    victim.callback(callback)
    crook.start()

    assert_start_again(crook.callback(callback))
    assert_not_signed_in(crook)
    assert len(latchkey.rows.sessions_of(person)) == 1


def test_a_callback_with_the_attempts_cookie_kept_from_before_is_worth_nothing(
    latchkey: Deployment, victim: Browser, person: Person
) -> None:
    """Whoever finds both in a history or a backup comes too late."""
    callback = victim.authorize(victim.start(), person.login)
    [attempt_id] = victim.attempts
    cookie = f"{ATTEMPT_COOKIE}{attempt_id.hex}={victim.attempt_secret(attempt_id)}"
    victim.callback(callback)

    assert_start_again(latchkey.stranger().get(callback, headers={"Cookie": cookie, "Accept": "text/html"}))
    assert len(latchkey.rows.sessions_of(person)) == 1


def test_an_attempt_that_has_expired_is_not_passed_on(latchkey: Deployment, victim: Browser, person: Person) -> None:
    callback = victim.authorize(victim.start(), person.login)
    [attempt_id] = victim.attempts
    latchkey.rows.expire(attempt_id)

    assert_start_again(victim.callback(callback))
    assert_not_signed_in(victim)
    assert_never_seen(latchkey, person)
    assert passed_on(latchkey) == 0


TRICKS: Final[dict[str, Callable[[str, str], str]]] = {
    "the state as payload": lambda state, code: f"code={code}&payload={state}",
    "the state as customField": lambda state, code: f"code={code}&customField={state}",
    "the state twice": lambda state, code: f"code={code}&state={state}&state={state}",
    "another state first": lambda state, code: f"code={code}&state=made-up&state={state}",
    "another state last": lambda state, code: f"code={code}&state={state}&state=made-up",
    "the code twice": lambda state, code: f"code={code}&code={code}&state={state}",
    "two codes": lambda state, code: f"code={code}&code=made-up&state={state}",
    "an error twice": lambda state, code: f"code={code}&error=a&error=b&state={state}",
    "two descriptions": lambda state, code: f"code={code}&error_description=a&error_description=b&state={state}",
    "an empty state": lambda _, code: f"code={code}&state=",
    "no state": lambda _, code: f"code={code}",
    "nothing": lambda _, __: "",
    "the state in other letters": lambda state, code: f"code={code}&STATE={state}",
    "the state as a list": lambda state, code: f"code={code}&state[]={state}",
    "an installation that leads away": lambda state, code: (
        f"code={code}&state={state}&installation_id=..%2Finstallations%2F5001"
    ),
    "an installation with more behind it": lambda state, code: (
        f"code={code}&state={state}&installation_id=5001%2Faccess_tokens%3F"
    ),
    "an action that GitHub does not have": lambda state, code: f"code={code}&state={state}&setup_action=delete",
}


@pytest.mark.parametrize("trick", TRICKS)
def test_a_query_trick_ends_on_a_page_that_says_start_again_and_spoils_nothing(
    latchkey: Deployment, victim: Browser, person: Person, trick: str
) -> None:
    callback = victim.authorize(victim.start(), person.login)
    state, code = parameter(callback, "state"), parameter(callback, "code")
    assert state
    assert code

    assert_start_again(victim.callback(f"{latchkey.origin}{CALLBACK}?{TRICKS[trick](state, code)}"))
    assert passed_on(latchkey) == 0
    assert victim.callback(callback).status_code == 303
    assert_signed_in(victim, person)


@pytest.mark.parametrize(
    "extra",
    [
        "installation_id=5001&setup_action=install",
        "payload=made-up",
        "customField=made-up",
        "connection_id=made-up&provider_config_key=github-app-oauth",
        "credentials%5Boauth_client_id_override%5D=evil",
        "connect_session_token=made-up",
        "scope=repo&realmId=1&foo=bar",
    ],
)
def test_nango_is_told_the_code_and_its_own_state_and_nothing_else(
    latchkey: Deployment, victim: Browser, person: Person, extra: str
) -> None:
    callback = victim.authorize(victim.start(), person.login)
    [attempt_id] = victim.attempts
    nango_state = latchkey.rows.attempt(attempt_id)["nango_state"]

    assert victim.callback(f"{callback}&{extra}").status_code == 303
    [asked] = latchkey.tap.of("GET", CALLBACK)
    assert asked.query == {"code": [parameter(callback, "code")], "state": [nango_state]}
    assert_signed_in(victim, person)
    assert_one_connection(latchkey, person)


def test_a_code_cannot_smuggle_a_parameter_to_nango(latchkey: Deployment, victim: Browser) -> None:
    state = parameter(victim.start(), "state")
    smuggled = quote("made-up&installation_id=5001&state=other#", safe="")

    assert_start_again(victim.callback(f"{latchkey.origin}{CALLBACK}?code={smuggled}&state={state}"))
    [asked] = latchkey.tap.of("GET", CALLBACK)
    assert sorted(asked.query) == ["code", "state"]
    assert asked.query["code"] == ["made-up&installation_id=5001&state=other#"]


def test_a_denial_is_passed_on_as_github_said_it_and_no_further(latchkey: Deployment, victim: Browser) -> None:
    assert victim.callback(victim.deny(victim.start())).status_code == 403

    [asked] = latchkey.tap.of("GET", CALLBACK)
    assert sorted(asked.query) == ["error", "error_description", "state"]


@pytest.mark.parametrize("query", ["state=made-up", "", "code=1", "error=access_denied", "state=a&state=b"])
def test_a_program_is_told_to_start_again_by_a_problem_document(latchkey: Deployment, query: str) -> None:
    assert_start_again_problem(latchkey.stranger().get(f"{CALLBACK}?{query}"))


def test_what_a_page_says_does_not_repeat_what_a_stranger_wrote(latchkey: Deployment) -> None:
    query = "state=%3Cscript%3Ealert(1)%3C/script%3E&error=%3Cb%3E&error_description=%3Ci%3Eboo"
    answer = latchkey.stranger().get(f"{CALLBACK}?{query}", headers={"Accept": "text/html"})

    assert_start_again(answer)
    assert "alert(1)" not in answer.text
    assert "boo" not in answer.text


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize(
    "referrer",
    [None, "https://evil.example/", f"{ALLOWED_ORIGIN}.evil.example/", f"https://evil.example/?{ALLOWED_ORIGIN}"],
)
def test_a_foreign_page_cannot_start_a_sign_in(
    latchkey: Deployment, victim: Browser, site: str, referrer: str | None
) -> None:
    headers = {**NAVIGATION, "Sec-Fetch-Site": site, **({"Referer": referrer} if referrer else {})}
    answer = victim.begin(headers=headers)

    assert answer.status_code == 403
    assert victim.attempts == []
    assert latchkey.tap.asked == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "cross-site", "Referer": f"{ALLOWED_ORIGIN}/welcome"},
        {"Sec-Fetch-Site": "cross-site", "Referer": f"{ALLOWED_ORIGIN}/"},
        {},
    ],
)
def test_our_own_page_a_typed_address_and_allowed_origins_can(victim: Browser, headers: dict[str, str]) -> None:
    assert victim.begin(headers=headers).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/json"},
        {"Content-Type": "application/json", "Origin": "https://evil.example"},
        {"Content-Type": "application/json", "Origin": "null"},
        {"Content-Type": "application/json", "Origin": f"{ALLOWED_ORIGIN}.evil.example"},
        {"Content-Type": "application/json", "Referer": "own"},
        {"Content-Type": "application/x-www-form-urlencoded", "Origin": "own"},
        {"Content-Type": "multipart/form-data; boundary=x", "Origin": "own"},
        {"Content-Type": "text/plain", "Origin": "own"},
        {"Content-Type": "text/plain; application/json", "Origin": "own"},
        {"Origin": "own"},
    ],
)
@pytest.mark.parametrize("prefix", ["/auth", "/api/auth"])
def test_a_foreign_page_cannot_sign_anybody_out(
    victim: Browser, person: Person, headers: dict[str, str], prefix: str
) -> None:
    victim.sign_in(person.login)
    session = victim.session
    sent = {name: victim.origin if value == "own" else value for name, value in headers.items()}

    answer = victim.http.post(f"{victim.origin}{prefix}/logout", content=b"{}", headers=sent)
    assert answer.status_code == 403
    assert victim.session == session
    assert_signed_in(victim, person)


def test_a_link_cannot_sign_anybody_out(victim: Browser, person: Person) -> None:
    victim.sign_in(person.login)

    assert victim.http.get(f"{victim.origin}/auth/logout").status_code == 405
    assert_signed_in(victim, person)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", f"{ALLOWED_ORIGIN}.evil.example"])
def test_a_foreign_page_may_not_read_who_is_signed_in(victim: Browser, person: Person, origin: str) -> None:
    victim.sign_in(person.login)

    answer = victim.http.get(f"{victim.origin}/auth/me", headers={"Origin": origin})
    assert "access-control-allow-origin" not in answer.headers


def test_an_allowed_origin_may_read_who_is_signed_in(victim: Browser, person: Person) -> None:
    victim.sign_in(person.login)

    answer = victim.http.get(f"{victim.origin}/auth/me", headers={"Origin": ALLOWED_ORIGIN})
    assert answer.headers["access-control-allow-origin"] == ALLOWED_ORIGIN
    assert answer.headers["access-control-allow-credentials"] == "true"


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "a.b.c",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.AAAA",
        "a" * 20_000,
        "\u00e9",
    ],
)
def test_a_made_up_bearer_token_is_nobodys(latchkey: Deployment, token: str) -> None:
    answer = latchkey.stranger().get("/auth/me", headers=[(b"Authorization", f"Bearer {token}".encode())])

    assert answer.status_code == 401


def test_a_made_up_session_cookie_is_nobodys(latchkey: Deployment) -> None:
    for value in ("x", "a" * 4000, token_urlsafe(32)):
        answer = latchkey.stranger().get("/auth/me", headers={"Cookie": f"latchkey_session={value}"})
        assert answer.status_code == 401


@pytest.mark.parametrize("path", ["/auth/login", CALLBACK, "/auth/me", "/", "/healthz"])
@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_looking_without_getting_starts_nothing(latchkey: Deployment, method: str, path: str) -> None:
    answer = latchkey.stranger().request(method, path)

    assert answer.status_code in {200, 204, 401, 405}
    assert "set-cookie" not in answer.headers
    assert latchkey.tap.asked == []
