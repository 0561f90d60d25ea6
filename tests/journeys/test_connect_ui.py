"""Signing in through Connect UI: the seed's contract, and what is tried against it."""

import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Final
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest

from tests.journeys.browser import Browser, parameter, problem_of, set_cookies
from tests.journeys.connect_ui import (
    NOT_READY,
    PROMPT_SECONDS,
    Page,
    ask,
    assert_not_ready,
    assert_ready,
    open_session,
    socket_at,
)
from tests.journeys.deployment import ALLOWED_ORIGIN, Deployment
from tests.journeys.outcomes import (
    assert_never_seen,
    assert_not_signed_in,
    assert_one_connection,
    assert_signed_in,
    assert_start_again,
)
from tests.journeys.sandbox import GITHUB_TOKEN, Person
from tests.journeys.waiting import eventually

pytestmark = [pytest.mark.journey, pytest.mark.postgres]

CONNECT: Final = "/oauth/connect/*"
CALLBACK: Final = "/oauth/callback"
READS: Final = ("/connect/session", "/integrations", "/providers/github")
CONNECT_UI_ORIGIN: Final = "https://connect.nango.dev"
LONG: Final = 25
# The worker sweeps every five seconds.
SWEPT_SECONDS: Final = 11.0


NewPage = Callable[..., Page]


@pytest.fixture
def new_page(latchkey: Deployment) -> NewPage:
    def open_page(browser: Browser, *, prefix: str = "/auth", method: str = "GET") -> Page:
        return Page(latchkey, browser, prefix, method)

    return open_page


@pytest.fixture
def page(new_page: NewPage, browser: Browser) -> Page:
    return new_page(browser)


@pytest.fixture
def crooks_page(new_page: NewPage, other_browser: Browser) -> Page:
    return new_page(other_browser)


@pytest.fixture(scope="module")
def second_address(shared_deployment: Deployment) -> Generator[str]:
    """Run a second service on the same database."""
    program, address = shared_deployment.start_beside()
    yield address
    program.stop()


def ask_in_time(browser: Browser, connection_id: str, wait: int = LONG) -> httpx.Response:
    began = time.monotonic()
    answer = ask(browser, connection_id, wait)
    assert time.monotonic() - began < PROMPT_SECONDS
    return answer


@pytest.mark.parametrize("prefix", ["/auth", "/api/auth"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_person_signs_in_and_has_cookie_and_token(  # noqa: PLR0913 - who plays
    latchkey: Deployment, new_page: NewPage, browser: Browser, person: Person, *, prefix: str, method: str
) -> None:
    page = new_page(browser, prefix=prefix, method=method)
    connection_id = page.finish(person)
    assert_not_signed_in(browser)
    answer = page.status(connection_id, wait=LONG)

    told = assert_ready(answer)
    assert (told["user"]["githubId"], told["user"]["login"]) == (person.id, person.login)
    user_id = assert_signed_in(browser, person)
    assert user_id == latchkey.rows.user_id(person) == page.attempt_id
    bearer = latchkey.stranger().get(f"{prefix}/me", headers={"Authorization": f"Bearer {told['token']}"})
    assert bearer.json() == browser.me(prefix).json()
    assert assert_one_connection(latchkey, person) == connection_id


def test_the_session_says_what_connect_ui_is_opened_with(latchkey: Deployment, page: Page) -> None:
    assert {"sessionToken", "tempUserId", "connectLink", "expiresAt"} <= page.session.keys()
    assert page.token.startswith("nango_connect_session_")
    assert parameter(page.session["connectLink"], "session_token") == page.token
    assert parameter(page.session["connectLink"], "apiURL") == latchkey.origin
    assert page.answer.headers["cache-control"] == "no-store"


def test_the_attempt_cookie_is_of_the_attempt_and_goes_with_it(browser: Browser, page: Page, person: Person) -> None:
    [(name, header)] = set_cookies(page.answer).items()
    attributes = {part.strip().lower() for part in header.split(";")[1:]}
    assert name == f"latchkey_login_{page.attempt_id.hex}"
    assert attributes == {"httponly", "samesite=lax", "path=/", "max-age=900"}

    answer = page.status(page.finish(person))
    header = set_cookies(answer)["latchkey_session"]
    attributes = {part.strip().lower() for part in header.split(";")[1:]}
    assert attributes == {"httponly", "samesite=lax", "path=/", "max-age=2592000"}
    assert answer.headers["cache-control"] == "no-store"
    assert browser.attempts == []


def test_signing_in_again_ends_the_session_before_and_the_new_token_goes_with_the_new_session(
    latchkey: Deployment, new_page: NewPage, browser: Browser, person: Person
) -> None:
    tokens: list[str] = []
    for _ in range(2):
        page = new_page(browser)
        tokens.append(assert_ready(page.status(page.finish(person)))["token"])

    assert len(latchkey.rows.sessions_of(person)) == 1
    assert browser.sign_out().status_code == 204
    for token in tokens:
        answer = latchkey.stranger().get("/auth/me", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401


def test_github_is_given_a_state_of_ours(latchkey: Deployment, page: Page) -> None:
    state = parameter(page.aim(), "state")

    assert state
    assert state != latchkey.rows.attempt(page.attempt_id)["nango_state"]
    assert len(state) == 43, "256 bits"


def test_somebody_who_returns_is_the_same_user_with_one_connection(
    latchkey: Deployment, new_page: NewPage, new_browser: Callable[[], Browser], person: Person
) -> None:
    by_redirect, by_pop_up = new_browser(), new_browser()
    by_redirect.sign_in(person.login)
    before = assert_one_connection(latchkey, person)
    page = new_page(by_pop_up)
    connection_id = page.finish(person)
    assert_ready(page.status(connection_id))

    assert assert_signed_in(by_pop_up, person) == assert_signed_in(by_redirect, person) != page.attempt_id
    assert assert_one_connection(latchkey, person) == connection_id != before


def test_a_long_question_is_answered_when_the_callback_completes(
    latchkey: Deployment, page: Page, person: Person
) -> None:
    callback = page.go_to_github(person)
    stop = latchkey.tap.stop_after("GET", CALLBACK)
    with ThreadPoolExecutor() as threads:
        coming_back = threads.submit(page.browser.callback, callback)
        stop.wait_until_reached()
        [connection] = latchkey.sandbox.connections_for(page.attempt_id)
        asking = threads.submit(page.status, connection.id, LONG)
        time.sleep(0.5)
        assert not asking.done()
        began = time.monotonic()
        stop.release()
        told = assert_ready(asking.result())
        assert time.monotonic() - began < PROMPT_SECONDS
        assert coming_back.result().status_code == 200

    assert told["user"]["githubId"] == person.id
    assert_one_connection(latchkey, person)


def test_a_long_question_is_answered_when_the_person_says_no(page: Page) -> None:
    callback = page.browser.deny(page.aim())
    with ThreadPoolExecutor() as threads:
        asking = threads.submit(page.status, "not-known-yet", LONG)
        time.sleep(0.5)
        assert not asking.done()
        began = time.monotonic()
        assert page.browser.callback(callback).status_code == 403
        assert_not_ready(asking.result())
        assert time.monotonic() - began < PROMPT_SECONDS

    assert_not_signed_in(page.browser)


@pytest.mark.parametrize("is_elsewhere", [False, True])
def test_the_socket_says_which_connection_was_made(
    latchkey: Deployment, page: Page, person: Person, second_address: str, *, is_elsewhere: bool
) -> None:
    with socket_at(second_address if is_elsewhere else latchkey.address) as socket:
        connection_id = page.finish(person, socket.id)
        heard = socket.hear()

    assert heard == {
        "message_type": "success",
        "provider_config_key": "github",
        "connection_id": connection_id,
        "is_pending": False,
    }
    assert_ready(page.status(heard["connection_id"]))
    assert_signed_in(page.browser, person)


@pytest.mark.parametrize("is_elsewhere", [False, True])
def test_the_socket_says_that_the_person_said_no(
    latchkey: Deployment, page: Page, second_address: str, *, is_elsewhere: bool
) -> None:
    with socket_at(second_address if is_elsewhere else latchkey.address) as socket:
        assert page.browser.callback(page.browser.deny(page.aim(socket.id))).status_code == 403
        heard = socket.hear()

    assert (heard["message_type"], heard["provider_config_key"]) == ("error", "github")
    assert "connection_id" not in heard


def test_the_socket_says_that_github_did_not_confirm(latchkey: Deployment, page: Page, person: Person) -> None:
    with socket_at(latchkey.address) as socket:
        callback = page.go_to_github(person, socket.id)
        latchkey.sandbox.fail_next(GITHUB_TOKEN)
        assert_start_again(page.browser.callback(callback))
        assert socket.hear()["message_type"] == "error"


def test_a_socket_hears_nothing_of_other_pop_ups(
    latchkey: Deployment, page: Page, person: Person, second_address: str
) -> None:
    with socket_at(latchkey.address) as own, socket_at(latchkey.address) as others, socket_at(second_address) as far:
        page.finish(person, own.id)
        assert own.hear()["message_type"] == "success"
        assert len({own.id, others.id, far.id}) == 3
        for silent in (others, far):
            with pytest.raises(TimeoutError):
                silent.hear(0.3)


def test_a_second_service_answers_the_question_that_the_first_finished(
    page: Page, person: Person, second_address: str
) -> None:
    callback = page.go_to_github(person)
    elsewhere = Browser(page.browser.http, second_address)
    page.browser.callback(callback)

    assert_ready(ask(elsewhere, page.connection_id, LONG))
    assert_signed_in(page.browser, person)


@pytest.mark.parametrize("trouble", [{"drop": 5}, {"delay_seconds": 3}, {"duplicate": 3}])
def test_webhooks_that_are_slow_twice_or_lost_make_no_difference(
    latchkey: Deployment, page: Page, person: Person, trouble: dict[str, float]
) -> None:
    latchkey.sandbox.trouble_webhooks(**trouble)
    connection_id = page.finish(person)

    assert_ready(page.status(connection_id))
    assert_signed_in(page.browser, person)
    assert_one_connection(latchkey, person)


def test_saying_no_is_said_in_words_and_another_try_begins_anew(
    new_page: NewPage, browser: Browser, person: Person
) -> None:
    page = new_page(browser)
    answer = browser.callback(browser.deny(page.aim()))
    assert answer.status_code == 403
    assert "GitHub was not authorised" in answer.text
    assert_start_again(page.pop_up())

    another = new_page(browser)
    assert_ready(another.status(another.finish(person)))
    assert_signed_in(browser, person)


def test_of_a_pop_up_opened_twice_only_the_newer_counts(
    latchkey: Deployment, page: Page, person: Person, attacker: Person
) -> None:
    older, newer = page.go_to_github(attacker), page.go_to_github(person)

    assert_start_again(page.browser.callback(older))
    assert latchkey.tap.of("GET", CALLBACK) == []
    assert page.browser.callback(newer).status_code == 200
    assert_ready(page.status(page.connection_id))
    assert_signed_in(page.browser, person)
    assert_never_seen(latchkey, attacker)


def test_two_pages_of_one_browser_each_finish_their_own(
    latchkey: Deployment, new_page: NewPage, browser: Browser, person: Person, attacker: Person
) -> None:
    mine, friends = new_page(browser), new_page(browser)
    friends_connection, my_connection = friends.finish(attacker), mine.finish(person)

    assert assert_ready(friends.status(friends_connection))["user"]["githubId"] == attacker.id
    assert assert_ready(mine.status(my_connection))["user"]["githubId"] == person.id
    assert_signed_in(browser, person)
    assert latchkey.rows.sessions_of(attacker) == []


@pytest.mark.parametrize("path", READS)
def test_connect_ui_reads_what_it_needs_from_its_own_origin(latchkey: Deployment, page: Page, path: str) -> None:
    headers = {"Authorization": f"Bearer {page.token}", "Origin": CONNECT_UI_ORIGIN}
    answer = latchkey.stranger().get(path, headers=headers)

    assert answer.status_code == 200
    assert answer.json()["data"]
    assert answer.headers["access-control-allow-origin"] == "*"


def test_the_reads_name_github_and_nothing_else(latchkey: Deployment, page: Page) -> None:
    headers = {"Authorization": f"Bearer {page.token}"}
    read = {path: latchkey.stranger().get(path, headers=headers).json()["data"] for path in READS}

    assert read["/connect/session"]["allowed_integrations"] == ["github"]
    assert read["/connect/session"]["endUser"] is None
    assert [one["unique_key"] for one in read["/integrations"]] == ["github"]
    assert (read["/providers/github"]["name"], read["/providers/github"]["auth_mode"]) == ("github", "OAUTH2")
    assert latchkey.stranger().get("/providers/google", headers=headers).status_code == 404


@pytest.mark.parametrize("path", READS)
def test_the_preflight_of_connect_ui_passes(latchkey: Deployment, path: str) -> None:
    answer = preflight(latchkey, path, CONNECT_UI_ORIGIN)

    assert answer.is_success, answer.text
    assert answer.headers.get_list("access-control-allow-origin") == ["*"]
    assert "authorization" in answer.headers["access-control-allow-headers"].lower()
    assert "GET" in answer.headers["access-control-allow-methods"]


@pytest.mark.parametrize("origin", [CONNECT_UI_ORIGIN, ALLOWED_ORIGIN, "https://evil.example"])
@pytest.mark.parametrize("path", READS)
def test_the_reads_are_open_to_every_origin_without_credentials(
    latchkey: Deployment, page: Page, path: str, origin: str
) -> None:
    headers = {"Authorization": f"Bearer {page.token}", "Origin": origin}

    for answer in (preflight(latchkey, path, origin), latchkey.stranger().get(path, headers=headers)):
        assert answer.headers.get_list("access-control-allow-origin") == ["*"]
        assert "access-control-allow-credentials" not in answer.headers


def preflight(latchkey: Deployment, path: str, origin: str) -> httpx.Response:
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization",
    }
    return latchkey.stranger().options(path, headers=asked)


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer made-up", "Bearer nango_connect_session_", "nango_connect_session_" + "a" * 64],
)
@pytest.mark.parametrize("path", READS)
def test_the_reads_want_a_session_token(latchkey: Deployment, path: str, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = latchkey.stranger().get(path, headers={**headers, "Origin": CONNECT_UI_ORIGIN})

    assert answer.status_code == 401
    assert problem_of(answer)["code"] == "unauthenticated"


def test_telemetry_is_taken_and_dropped(latchkey: Deployment) -> None:
    answer = latchkey.stranger().post("/connect/telemetry", content=b"{}", headers={"Content-Type": "text/plain"})

    assert answer.status_code == 204
    assert latchkey.tap.asked == []


def test_the_session_token_of_another_browser_opens_nothing(
    latchkey: Deployment, page: Page, crooks_page: Page, new_browser: Callable[[], Browser]
) -> None:
    latchkey.tap.clear()

    assert_start_again(crooks_page.pop_up(by=page.browser))
    assert_start_again(crooks_page.pop_up(by=new_browser()))
    assert latchkey.tap.asked == []


def test_a_token_nobody_was_given_opens_nothing(latchkey: Deployment, page: Page) -> None:
    latchkey.tap.clear()
    for query in ("", f"?connect_session_token=nango_connect_session_{'a' * 64}", "?connect_session_token="):
        assert_start_again(page.browser.callback(f"{latchkey.origin}/oauth/connect/github{query}"))

    assert latchkey.tap.asked == []


@pytest.mark.parametrize("integration", ["github-app-oauth", "GitHub", "github%2F..", "made-up"])
def test_no_other_integration_is_connected_here(latchkey: Deployment, page: Page, integration: str) -> None:
    latchkey.tap.clear()
    url = f"{latchkey.origin}/oauth/connect/{integration}?connect_session_token={page.token}"

    assert page.browser.callback(url).status_code in {400, 404}
    assert latchkey.tap.asked == []


def test_the_pop_up_of_an_old_attempt_goes_nowhere(latchkey: Deployment, page: Page, person: Person) -> None:
    callback = page.go_to_github(person)
    latchkey.rows.expire(page.attempt_id)
    latchkey.tap.clear()

    assert_start_again(page.pop_up())
    assert_start_again(page.browser.callback(callback))
    assert latchkey.tap.asked == []
    assert_never_seen(latchkey, person)


def test_the_pop_up_of_a_finished_attempt_goes_nowhere(
    latchkey: Deployment, page: Page, person: Person, attacker: Person
) -> None:
    connection_id = page.finish(person)
    latchkey.tap.clear()
    assert_start_again(page.pop_up())
    assert latchkey.tap.of("GET", CONNECT) == []

    assert assert_ready(page.status(connection_id))["user"]["githubId"] == person.id
    assert_start_again(page.pop_up())
    assert_never_seen(latchkey, attacker)


def test_the_victims_code_under_the_attackers_state_signs_nobody_in(
    latchkey: Deployment, page: Page, crooks_page: Page, person: Person, attacker: Person
) -> None:
    victims, crooks = page.go_to_github(person), crooks_page.go_to_github(attacker)
    mixed = swap_states(victims, crooks)

    # The attacker's state with the victim's code, in either browser.
    assert_start_again(page.browser.callback(mixed))
    assert latchkey.tap.of("GET", CALLBACK) == []
    assert_start_again(crooks_page.browser.callback(mixed))
    assert crooks_page.state in {"failing", "failed"}
    assert_not_signed_in(page.browser)
    assert_not_signed_in(crooks_page.browser)
    assert_never_seen(latchkey, person)
    assert_never_seen(latchkey, attacker)


def test_the_attackers_code_under_the_victims_state_signs_nobody_in(
    latchkey: Deployment, page: Page, crooks_page: Page, person: Person, attacker: Person
) -> None:
    victims, crooks = page.go_to_github(person), crooks_page.go_to_github(attacker)
    mixed = swap_states(crooks, victims)

    assert_start_again(crooks_page.browser.callback(mixed))
    assert latchkey.tap.of("GET", CALLBACK) == []
    assert_start_again(page.browser.callback(mixed))
    assert page.state in {"failing", "failed"}
    assert_not_signed_in(page.browser)
    assert_not_signed_in(crooks_page.browser)
    assert_never_seen(latchkey, attacker)


def test_two_attempts_of_one_attacker_cannot_be_mixed(
    latchkey: Deployment, new_page: NewPage, other_browser: Browser, person: Person, attacker: Person
) -> None:
    one, two = new_page(other_browser), new_page(other_browser)
    first, second = one.go_to_github(attacker), two.go_to_github(person)

    assert_start_again(other_browser.callback(swap_states(first, second)))
    assert_start_again(other_browser.callback(swap_states(second, first)))
    assert_not_signed_in(other_browser)
    assert_never_seen(latchkey, attacker)
    assert_never_seen(latchkey, person)


def swap_states(callback: str, other: str) -> str:
    """Return the callback with the state of the other one."""
    state, others = parameter(callback, "state"), parameter(other, "state")
    assert state
    assert others
    return callback.replace(quote(state, safe=""), quote(others, safe=""))


def test_a_whole_callback_of_somebody_else_signs_nobody_in(
    latchkey: Deployment, page: Page, crooks_page: Page, person: Person, attacker: Person
) -> None:
    own, planted = page.go_to_github(person), crooks_page.go_to_github(attacker)

    assert_start_again(page.browser.callback(planted))
    assert_start_again(crooks_page.browser.callback(own))
    assert latchkey.tap.of("GET", CALLBACK) == []
    assert page.browser.callback(own).status_code == 200
    assert_ready(page.status(page.connection_id))
    assert_signed_in(page.browser, person)


EXTRAS: Final = (
    "credentials%5Boauth_client_id_override%5D=evil&credentials%5Boauth_client_secret_override%5D=evil",
    "credentials[oauth_refresh_token_override]=evil",
    "params%5Binstallation_id%5D=5001&params[handle]=x",
    "connection_id=made-up",
    "hmac=x&user_scope=repo&authorization_params%5Bscope%5D=repo",
    "public_key=made-up&detection=x",
    "ws_client_id=11111111-1111-4111-8111-111111111111&ws_client_id2=other",
    "state=made-up&redirect_uri=https%3A%2F%2Fevil.example",
)


@pytest.mark.parametrize("extra", EXTRAS)
def test_nango_is_told_the_session_token_and_nothing_else(
    latchkey: Deployment, page: Page, person: Person, extra: str
) -> None:
    latchkey.tap.clear()
    answer = page.pop_up(extra)
    assert answer.status_code == 303
    [asked] = latchkey.tap.of("GET", CONNECT)
    assert (asked.path, asked.query) == ("/oauth/connect/github", {"connect_session_token": [page.token]})
    assert "evil" not in answer.headers["location"]

    assert page.browser.callback(page.browser.authorize(answer.headers["location"], person.login)).status_code == 200
    assert_ready(page.status(page.connection_id))
    assert_signed_in(page.browser, person)


@pytest.mark.parametrize("name", ["made-up", "%00", "a" * 500, "%F0%9F%94%91"])
def test_what_is_no_name_of_a_socket_of_ours_opens_nothing(latchkey: Deployment, page: Page, name: str) -> None:
    latchkey.tap.clear()

    assert_start_again(page.pop_up(f"ws_client_id={name}"))
    assert latchkey.tap.asked == []


@pytest.mark.parametrize(
    "query", ["connect_session_token={token}", "connect_session_token=other", "ws_client_id=a&ws_client_id=b"]
)
def test_a_parameter_that_comes_twice_is_a_trick(latchkey: Deployment, page: Page, query: str) -> None:
    latchkey.tap.clear()

    assert_start_again(page.pop_up(query.format(token=page.token)))
    assert latchkey.tap.asked == []


def test_a_session_token_cannot_smuggle_a_parameter_to_nango(latchkey: Deployment, page: Page) -> None:
    latchkey.tap.clear()

    smuggled = quote("&credentials[oauth_client_id_override]=evil", safe="")
    url = f"{latchkey.origin}/oauth/connect/github?connect_session_token={page.token}{smuggled}"
    assert_start_again(page.browser.callback(url))
    assert latchkey.tap.asked == []


@pytest.mark.parametrize("is_aimed", [False, True])
def test_a_callback_with_nangos_own_state_is_refused(
    latchkey: Deployment, page: Page, person: Person, *, is_aimed: bool
) -> None:
    """Who uses the session token at Nango itself is sent back to us by GitHub, with a state that is not ours."""
    if is_aimed:
        page.aim()
    github_url = latchkey.stranger().get(
        f"{latchkey.sandbox.url}/oauth/connect/github", params={"connect_session_token": page.token}
    )
    callback = page.browser.authorize(github_url.headers["location"], person.login)
    assert callback.startswith(f"{latchkey.origin}{CALLBACK}?")

    assert_start_again(page.browser.callback(callback))
    assert latchkey.tap.of("GET", CALLBACK) == []
    assert_not_signed_in(page.browser)
    assert_never_seen(latchkey, person)


def test_our_own_pending_state_at_nango_is_refused_as_well(latchkey: Deployment, page: Page, person: Person) -> None:
    callback = page.go_to_github(person)
    nango_state = str(latchkey.rows.attempt(page.attempt_id)["nango_state"])
    code = parameter(callback, "code")

    assert_start_again(page.browser.callback(f"{latchkey.origin}{CALLBACK}?code={code}&state={nango_state}"))
    assert latchkey.tap.of("GET", CALLBACK) == []


def test_another_browser_learns_nothing_by_asking(
    latchkey: Deployment, page: Page, crooks_page: Page, new_browser: Callable[[], Browser], person: Person
) -> None:
    connection_id = page.finish(person)
    nobody = new_browser()
    guesses = [connection_id, str(uuid4()), str(page.attempt_id), "guessed", "x" * 500]

    for guess in guesses:
        assert_not_ready(ask(nobody, guess))
        assert_not_ready(ask(crooks_page.browser, guess))
        assert_not_ready(ask_in_time(nobody, guess))
    assert_not_signed_in(nobody)
    assert_not_signed_in(crooks_page.browser)
    assert latchkey.rows.sessions_of(person) == []
    assert_ready(page.status(connection_id))


def test_another_browser_learns_nothing_by_how_long_it_waits_either(
    page: Page, crooks_page: Page, person: Person
) -> None:
    connection_id = page.finish(person)

    for guess in (connection_id, "guessed"):
        began = time.monotonic()
        assert_not_ready(crooks_page.status(guess, wait=1))
        assert 0.9 < time.monotonic() - began < PROMPT_SECONDS


def test_headers_tell_no_more_than_the_body(page: Page, other_browser: Browser, person: Person) -> None:
    connection_id = page.finish(person)

    known, unknown = (ask(other_browser, guess) for guess in (connection_id, str(uuid4())))
    assert set(known.headers) == set(unknown.headers)
    assert {name: known.headers[name] for name in known.headers if name != "date"} == {
        name: unknown.headers[name] for name in unknown.headers if name != "date"
    }


def test_the_own_browser_learns_nothing_by_another_id(page: Page, person: Person) -> None:
    connection_id = page.finish(person)

    for guess in (str(page.attempt_id), "guessed", connection_id.upper() + "x", "%20"):
        assert_not_ready(ask_in_time(page.browser, guess))
    assert_ready(page.status(connection_id))


def test_the_attempts_id_is_no_key_to_it(page: Page, crooks_page: Page, person: Person) -> None:
    """The attempt's id is no secret; its cookie's value is."""
    connection_id = page.finish(person)
    crook = crooks_page.browser
    crook.http.cookies.set(f"latchkey_login_{page.attempt_id.hex}", crook.attempt_secret(crooks_page.attempt_id))

    assert_not_ready(ask(crook, connection_id))
    assert_start_again(page.pop_up(by=crook))
    assert_ready(page.status(connection_id))


def test_what_was_collected_is_not_given_again(latchkey: Deployment, page: Page, person: Person) -> None:
    connection_id = page.finish(person)
    cookie = f"latchkey_login_{page.attempt_id.hex}={page.browser.attempt_secret(page.attempt_id)}"
    assert_ready(page.status(connection_id))

    assert_not_ready(page.status(connection_id))
    assert_not_ready(ask_in_time(page.browser, connection_id))
    kept = latchkey.stranger().get(f"/auth/nango/status/{connection_id}?wait=5", headers={"Cookie": cookie})
    assert_not_ready(kept)
    assert len(latchkey.rows.sessions_of(person)) == 1


def test_twenty_questions_at_once_get_one_session(latchkey: Deployment, page: Page, person: Person) -> None:
    connection_id = page.finish(person)
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(page.status, [connection_id] * 20, [2] * 20))

    ready = [answer for answer in answers if answer.json() != NOT_READY]
    assert len(ready) == 1
    assert_ready(ready[0])
    assert len(latchkey.rows.sessions_of(person)) == 1


def test_who_has_begun_nothing_is_not_kept_waiting(new_browser: Callable[[], Browser]) -> None:
    assert_not_ready(ask_in_time(new_browser(), "anything"))


@pytest.mark.parametrize("wait", ["-1", "26", "1e3", "x"])
def test_a_wait_has_bounds(latchkey: Deployment, wait: str) -> None:
    answer = latchkey.stranger().get("/auth/nango/status/anything", params={"wait": wait})

    assert answer.status_code == 400


def test_a_sign_in_by_the_other_door_is_not_collected_here(
    latchkey: Deployment, browser: Browser, person: Person
) -> None:
    callback = browser.authorize(browser.start(), person.login)
    stop = latchkey.tap.stop_after("GET", CALLBACK)
    [attempt_id] = browser.attempts
    with ThreadPoolExecutor() as threads:
        coming_back = threads.submit(browser.callback, callback)
        stop.wait_until_reached()
        [connection] = latchkey.sandbox.connections_for(attempt_id)
        assert_not_ready(ask_in_time(browser, connection.id))
        stop.release()
        assert coming_back.result().status_code == 303

    assert_signed_in(browser, person)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("origin", [None, "https://evil.example", "null", f"{ALLOWED_ORIGIN}.evil.example"])
def test_a_foreign_page_cannot_begin(
    latchkey: Deployment, browser: Browser, method: str, site: str, origin: str | None
) -> None:
    answer = open_session(
        browser, method=method, headers={"Sec-Fetch-Site": site, **({"Origin": origin} if origin else {})}
    )

    assert answer.status_code == 403
    assert problem_of(answer)["code"] == "cross_site_request"
    assert "access-control-allow-origin" not in answer.headers
    assert browser.attempts == []
    assert latchkey.tap.asked == []


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("name", ["Origin", "Referer"])
def test_an_allowed_origin_can_begin(browser: Browser, method: str, name: str) -> None:
    value = ALLOWED_ORIGIN if name == "Origin" else f"{ALLOWED_ORIGIN}/welcome"
    answer = open_session(browser, method=method, headers={"Sec-Fetch-Site": "cross-site", name: value})

    assert answer.status_code == 200
    assert len(browser.attempts) == 1
    if name == "Origin":
        assert answer.headers["access-control-allow-origin"] == ALLOWED_ORIGIN
        assert answer.headers["access-control-allow-credentials"] == "true"


def test_a_connection_made_behind_our_back_signs_nobody_in(latchkey: Deployment, page: Page, attacker: Person) -> None:
    page.connect_behind_our_back(attacker)
    [connection] = latchkey.sandbox.connections_for(page.attempt_id)
    [delivery] = eventually(lambda: latchkey.wait_until_processed(connection.id), "the webhook")

    assert delivery["state"] == "ignored"
    assert_not_ready(page.status(connection.id))
    assert_not_ready(page.status(connection.id, wait=1))
    assert_not_signed_in(page.browser)
    assert latchkey.rows.user(attacker) is None


def test_a_connection_made_behind_our_back_goes_when_the_attempt_expires(
    latchkey: Deployment, page: Page, attacker: Person
) -> None:
    page.connect_behind_our_back(attacker)
    latchkey.rows.expire(page.attempt_id)

    eventually(lambda: not latchkey.sandbox.connections_of(attacker), "the sweep", SWEPT_SECONDS)


@pytest.mark.parametrize("is_before_the_pop_up", [False, True])
def test_a_connection_made_behind_our_back_spoils_the_sign_in_and_all_are_deleted(
    latchkey: Deployment, page: Page, person: Person, attacker: Person, *, is_before_the_pop_up: bool
) -> None:
    if is_before_the_pop_up:
        page.connect_behind_our_back(attacker)
    callback = page.go_to_github(person)
    if not is_before_the_pop_up:
        page.connect_behind_our_back(attacker)
    behind = [one.id for one in latchkey.sandbox.connections_for(page.attempt_id)]

    assert_start_again(page.browser.callback(callback))
    assert_not_ready(ask_in_time(page.browser, behind[0]))
    assert_not_signed_in(page.browser)
    assert_never_seen(latchkey, person)
    assert_never_seen(latchkey, attacker)
    assert page.state in {"failing", "failed"}
    assert latchkey.sandbox.connections_for(page.attempt_id) == []


def test_a_connection_made_behind_our_back_after_the_finish_takes_nothing_over(
    latchkey: Deployment, page: Page, person: Person, attacker: Person
) -> None:
    connection_id = page.finish(person)
    page.connect_behind_our_back(attacker)

    assert assert_ready(page.status(connection_id))["user"]["githubId"] == person.id
    assert_signed_in(page.browser, person)
    assert latchkey.rows.user(attacker) is None


def test_a_connection_made_behind_our_back_after_the_finish_does_not_stay(
    latchkey: Deployment, page: Page, person: Person, attacker: Person
) -> None:
    assert_ready(page.status(page.finish(person)))
    page.connect_behind_our_back(attacker)

    eventually(lambda: not latchkey.sandbox.connections_of(attacker), "its deletion", SWEPT_SECONDS)
