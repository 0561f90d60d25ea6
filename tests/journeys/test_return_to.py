"""Where a person goes after signing in: a path of ours, or an allowed origin with a one-time code."""

from base64 import urlsafe_b64encode
from hashlib import sha256
from secrets import token_urlsafe
from typing import Final
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

from tests.journeys.browser import Browser, parameter, problem_of, set_cookies
from tests.journeys.deployment import ALLOWED_ORIGIN, Deployment
from tests.journeys.outcomes import assert_not_signed_in
from tests.journeys.sandbox import Person

pytestmark = [pytest.mark.journey, pytest.mark.postgres]

VERIFIER: Final = token_urlsafe(48)
CHALLENGE: Final = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()

ELSEWHERE: Final = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "https://evil.example",
    "http:evil.example",
    "https:/evil.example",
    "javascript:alert(1)",
    "data:text/html,hello",
    "evil.example",
    "@evil.example",
    f"{ALLOWED_ORIGIN}.evil.example/",
    f"{ALLOWED_ORIGIN}@evil.example/",
    f"{ALLOWED_ORIGIN}:443@evil.example/",
    f"{ALLOWED_ORIGIN}\\@evil.example/",
    f"{ALLOWED_ORIGIN}:8443/",
    "http://app.example/",
    "https://APP.example.evil.example/",
    "/\t/evil.example",
    "/\n/evil.example",
    "\n//evil.example",
    " //evil.example",
    "/welcome\r\nSet-Cookie: latchkey_session=planted",
    "/welcome\x00",
    "/w\u00e9lcome",
    "/" + "a" * 2048,
]
# What stays on our own host, however it looks.
HARMLESS: Final = [
    "/welcome?tab=2&next=//evil.example#part",
    "/%2F%2Fevil.example",
    "/%5Cevil.example",
    "/%09/evil.example",
    "/%0d%0aLocation:%20https://evil.example",
    "/.//evil.example",
    "/@evil.example",
    "/https://evil.example",
]


def exchange(latchkey: Deployment, code: str, verifier: str = VERIFIER) -> httpx.Response:
    return latchkey.browser().http.post(f"{latchkey.origin}/auth/token", json={"code": code, "codeVerifier": verifier})


def sign_in_elsewhere(browser: Browser, person: Person, return_to: str = f"{ALLOWED_ORIGIN}/welcome") -> str:
    github_url = browser.start(return_to, code_challenge=CHALLENGE, code_challenge_method="S256")
    answer = browser.callback(browser.authorize(github_url, person.login))
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def code_in(url: str) -> str:
    code = parameter(url, "code")
    assert code
    return code


@pytest.mark.parametrize("return_to", ELSEWHERE)
def test_no_return_to_leads_elsewhere(latchkey: Deployment, browser: Browser, return_to: str) -> None:
    answer = browser.begin(return_to, code_challenge=CHALLENGE, headers={"Accept": "application/json"})

    assert answer.status_code == 400
    assert problem_of(answer)["code"] == "invalid_return_to"
    assert browser.attempts == []
    assert latchkey.tap.asked == [], "a wrong address costs no call to Nango"


def test_our_own_origin_is_no_prefix_of_another_host(latchkey: Deployment, browser: Browser) -> None:
    for ending in (".evil.example/", "@evil.example/", "//evil.example", "/\\evil.example", "1/", "\\@evil.example"):
        assert browser.begin(f"{latchkey.origin}{ending}").status_code == 400, ending


@pytest.mark.parametrize("return_to", HARMLESS)
def test_an_odd_path_stays_on_our_host(browser: Browser, person: Person, return_to: str) -> None:
    location = browser.sign_in(person.login, return_to).headers["location"]

    assert location == return_to
    assert urlsplit(urljoin(f"{browser.origin}/auth/", location)).netloc == urlsplit(browser.origin).netloc


def test_our_own_origin_may_be_spelled_out(browser: Browser, person: Person) -> None:
    answer = browser.sign_in(person.login, f"{browser.origin}/welcome?tab=2")

    assert urljoin(browser.origin, answer.headers["location"]) == f"{browser.origin}/welcome?tab=2"


def test_without_a_return_to_the_first_page_is_shown(browser: Browser, person: Person) -> None:
    assert browser.sign_in(person.login).headers["location"] == "/"


def test_a_return_to_given_at_the_callback_counts_for_nothing(browser: Browser, person: Person) -> None:
    callback = browser.authorize(browser.start("/welcome"), person.login)

    assert browser.callback(f"{callback}&return_to=https://evil.example").headers["location"] == "/welcome"


def test_two_return_tos_do_not_make_a_way_out(browser: Browser) -> None:
    answer = browser.http.get(f"{browser.origin}/auth/login?return_to=/welcome&return_to=https://evil.example")

    assert answer.status_code in {303, 400}
    if answer.status_code == 303:
        assert "evil.example" not in answer.headers["location"]


def test_an_allowed_origin_gets_a_code_and_the_browser_no_session(
    latchkey: Deployment, browser: Browser, person: Person
) -> None:
    location = sign_in_elsewhere(browser, person, f"{ALLOWED_ORIGIN}/welcome?tab=2")

    assert location.startswith(f"{ALLOWED_ORIGIN}/welcome?tab=2&code=")
    assert_not_signed_in(browser)
    assert latchkey.rows.sessions_of(person) == []


def test_the_code_and_its_verifier_give_a_token_that_is_somebody(
    latchkey: Deployment, browser: Browser, person: Person
) -> None:
    answer = exchange(latchkey, code_in(sign_in_elsewhere(browser, person)))

    assert answer.status_code == 200, answer.text
    document = answer.json()
    assert document["expiresIn"] == 600
    assert document["user"]["githubId"] == person.id
    assert set_cookies(answer) == {}
    bearer = {"Authorization": f"Bearer {document['token']}"}
    assert latchkey.stranger().get("/auth/me", headers=bearer).json() == document["user"]


def test_signing_out_ends_a_bearers_token_at_once(latchkey: Deployment, browser: Browser, person: Person) -> None:
    app = latchkey.stranger()
    token = exchange(latchkey, code_in(sign_in_elsewhere(browser, person))).json()["token"]
    app.headers["Authorization"] = f"Bearer {token}"

    assert app.post("/auth/logout").status_code == 204
    assert app.get("/auth/me").status_code == 401
    assert app.post("/auth/logout").status_code == 401
    assert latchkey.rows.sessions_of(person) == []


def test_signing_out_of_the_app_leaves_the_browser_signed_in(
    latchkey: Deployment, browser: Browser, person: Person
) -> None:
    browser.sign_in(person.login)
    token = exchange(latchkey, code_in(sign_in_elsewhere(browser, person))).json()["token"]
    latchkey.stranger().post("/auth/logout", headers={"Authorization": f"Bearer {token}"})

    assert browser.me().status_code == 200


def test_a_wrong_verifier_uses_the_code_up(latchkey: Deployment, browser: Browser, person: Person) -> None:
    code = code_in(sign_in_elsewhere(browser, person))

    wrong = exchange(latchkey, code, token_urlsafe(48))
    assert (wrong.status_code, problem_of(wrong)["code"]) == (400, "invalid_code")
    right = exchange(latchkey, code)
    assert (right.status_code, problem_of(right)["code"]) == (400, "invalid_code")
    assert latchkey.rows.sessions_of(person) == []


def test_a_code_works_once(latchkey: Deployment, browser: Browser, person: Person) -> None:
    code = code_in(sign_in_elsewhere(browser, person))

    assert exchange(latchkey, code).status_code == 200
    assert problem_of(exchange(latchkey, code))["code"] == "invalid_code"
    assert len(latchkey.rows.sessions_of(person)) == 1


def test_the_challenge_itself_is_no_verifier(latchkey: Deployment, browser: Browser, person: Person) -> None:
    code = code_in(sign_in_elsewhere(browser, person))

    assert problem_of(exchange(latchkey, code, CHALLENGE))["code"] == "invalid_code"


def test_an_expired_code_gives_nothing(latchkey: Deployment, browser: Browser, person: Person) -> None:
    code = code_in(sign_in_elsewhere(browser, person))
    latchkey.rows.expire_code_of(person)

    assert problem_of(exchange(latchkey, code))["code"] == "invalid_code"


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"code_challenge": ""},
        {"code_challenge": "too-short"},
        {"code_challenge": f"{CHALLENGE}="},
        {"code_challenge": CHALLENGE, "code_challenge_method": "plain"},
        {"code_challenge": CHALLENGE, "code_challenge_method": "s256"},
    ],
)
def test_another_origin_needs_a_good_challenge(browser: Browser, query: dict[str, str]) -> None:
    answer = browser.begin(f"{ALLOWED_ORIGIN}/welcome", headers={}, **query)

    assert (answer.status_code, problem_of(answer)["code"]) == (400, "invalid_return_to")


def test_a_fragment_would_hide_the_code(browser: Browser) -> None:
    answer = browser.begin(f"{ALLOWED_ORIGIN}/#part", headers={}, code_challenge=CHALLENGE)

    assert answer.status_code == 400


def test_a_sign_in_code_of_ours_opens_nothing_at_the_callback(
    latchkey: Deployment, browser: Browser, person: Person
) -> None:
    code = code_in(sign_in_elsewhere(browser, person))
    state = parameter(browser.start(), "state")

    answer = browser.callback(f"{latchkey.origin}/oauth/callback?code={code}&state={state}")
    assert answer.status_code == 400
    assert_not_signed_in(browser)
