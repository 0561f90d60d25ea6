"""Signing in by the redirect door, as people do it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.journeys.browser import Browser, parameter, set_cookies
from tests.journeys.deployment import Deployment
from tests.journeys.outcomes import assert_one_connection, assert_signed_in, assert_start_again
from tests.journeys.sandbox import Person, Sandbox

pytestmark = [pytest.mark.journey, pytest.mark.postgres]


def test_a_new_person_is_signed_in_and_is_their_own_end_user(
    latchkey: Deployment, browser: Browser, person: Person
) -> None:
    browser.sign_in(person.login)

    user_id = assert_signed_in(browser, person)
    assert user_id == latchkey.rows.user_id(person)
    assert_one_connection(latchkey, person)


def test_the_first_attempt_gives_its_id_to_the_user(latchkey: Deployment, browser: Browser, person: Person) -> None:
    github_url = browser.start()
    [attempt_id] = browser.attempts
    browser.callback(browser.authorize(github_url, person.login))

    assert latchkey.rows.user_id(person) == attempt_id


def test_somebody_who_returns_under_a_new_login_name_is_the_same_user(
    latchkey: Deployment, new_browser: Callable[[], Browser], person: Person
) -> None:
    first, second = new_browser(), new_browser()
    first.sign_in(person.login)
    before = latchkey.rows.user_id(person)
    renamed = latchkey.sandbox.rename(person, f"{person.login}-renamed")
    second.sign_in(renamed.login)

    assert assert_signed_in(second, renamed) == before
    assert first.me().json()["login"] == renamed.login
    assert_one_connection(latchkey, renamed)


def test_the_connection_that_survives_is_the_newer_one(latchkey: Deployment, browser: Browser, person: Person) -> None:
    browser.sign_in(person.login)
    [first] = latchkey.sandbox.connections_of(person)
    browser.sign_in(person.login)

    assert assert_one_connection(latchkey, person) != first.id


def test_a_login_name_taken_over_by_somebody_else_is_not_the_old_user(
    latchkey: Deployment, new_browser: Callable[[], Browser], person: Person
) -> None:
    old, new = new_browser(), new_browser()
    old.sign_in(person.login)
    old_user_id = latchkey.rows.user_id(person)
    latchkey.sandbox.rename(person, f"{person.login}-formerly")
    successor = latchkey.sandbox.newcomer(login=person.login)
    new.sign_in(successor.login)

    assert assert_signed_in(new, successor) != old_user_id
    assert old.me().json()["githubId"] == person.id


def test_a_person_without_a_public_email_is_signed_in(sandbox: Sandbox, browser: Browser) -> None:
    nobody = sandbox.newcomer(email=None)
    browser.sign_in(nobody.login)

    assert browser.me().json()["email"] is None


@pytest.mark.parametrize("prefix", ["/auth", "/api/auth"])
def test_both_spellings_of_the_routes_lead_in_and_out(browser: Browser, person: Person, prefix: str) -> None:
    answer = browser.callback(browser.authorize(browser.start(prefix=prefix), person.login))

    assert answer.status_code == 303
    assert browser.me(prefix).json()["githubId"] == person.id
    assert browser.sign_out(prefix).status_code == 204
    assert browser.me(prefix).status_code == 401


def test_the_session_cookie_is_out_of_reach_of_scripts_and_foreign_sites(browser: Browser, person: Person) -> None:
    answer = browser.sign_in(person.login)

    header = set_cookies(answer)["latchkey_session"]
    attributes = {part.strip().lower() for part in header.split(";")[1:]}
    assert attributes == {"httponly", "samesite=lax", "path=/", "max-age=2592000"}


def test_the_attempt_cookie_lives_fifteen_minutes_and_goes_with_the_attempt(browser: Browser, person: Person) -> None:
    begun = browser.begin()

    [header] = set_cookies(begun).values()
    attributes = {part.strip().lower() for part in header.split(";")[1:]}
    assert attributes == {"httponly", "samesite=lax", "path=/", "max-age=900"}
    browser.callback(browser.authorize(begun.headers["location"], person.login))
    assert browser.attempts == []


def test_the_answers_that_carry_a_session_are_not_kept_and_do_not_tell_where_one_came_from(
    browser: Browser, person: Person
) -> None:
    answer = browser.sign_in(person.login)

    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_two_browsers_of_one_person_each_have_a_session_of_their_own(
    new_browser: Callable[[], Browser], person: Person
) -> None:
    one, other = new_browser(), new_browser()
    one.sign_in(person.login)
    other.sign_in(person.login)
    one.sign_out()

    assert one.me().status_code == 401
    assert_signed_in(other, person)


def test_two_browsers_that_finish_at_the_same_time_are_both_signed_in(
    latchkey: Deployment, new_browser: Callable[[], Browser], person: Person
) -> None:
    browsers = [new_browser() for _ in range(2)]
    urls = [browser.authorize(browser.start(), person.login) for browser in browsers]
    with ThreadPoolExecutor() as threads:
        answers = list(threads.map(Browser.callback, browsers, urls))

    assert [answer.status_code for answer in answers] == [303, 303]
    for browser in browsers:
        assert_signed_in(browser, person)
    assert len(latchkey.rows.sessions_of(person)) == 2
    assert_one_connection(latchkey, person)


def test_five_tabs_finish_in_any_order(latchkey: Deployment, browser: Browser, person: Person) -> None:
    urls = [browser.start(f"/tab-{number}") for number in range(5)]
    for number in (2, 0, 4, 3, 1):
        answer = browser.callback(browser.authorize(urls[number], person.login))
        assert (answer.status_code, answer.headers["location"]) == (303, f"/tab-{number}")
        assert_signed_in(browser, person)

    assert len(latchkey.rows.sessions_of(person)) == 1, "a browser has one session, whatever it had before"
    assert_one_connection(latchkey, person)


def test_a_sixth_tab_drops_the_oldest(browser: Browser, person: Person) -> None:
    urls = [browser.start() for _ in range(5)]
    began = browser.attempts
    browser.age_attempt(began[0])
    urls.append(browser.start())

    assert len(browser.attempts) == 5
    assert began[0] not in browser.attempts
    assert_start_again(browser.callback(browser.authorize(urls[0], person.login)))
    for url in urls[1:]:
        assert browser.callback(browser.authorize(url, person.login)).status_code == 303


def test_a_sixth_tab_drops_the_oldest_even_if_all_were_opened_within_one_second(browser: Browser) -> None:
    browser.start()
    [first] = browser.attempts
    for _ in range(4):
        browser.start()
    newest = browser.attempts[-1]
    # Tabs restored at once begin in the same second; on a slow machine this makes sure of it.
    browser.begin_all_attempts_at_once()
    browser.start()

    assert first not in browser.attempts
    assert newest in browser.attempts


def test_saying_no_on_github_is_said_in_words_and_signs_nobody_in(browser: Browser) -> None:
    answer = browser.callback(browser.deny(browser.start()))

    assert answer.status_code == 403
    assert "Nothing has changed" in answer.text
    assert "GitHub was not authorised" in answer.text
    assert browser.session is None


def test_who_said_no_may_change_their_mind(browser: Browser, person: Person) -> None:
    browser.callback(browser.deny(browser.start()))
    browser.sign_in(person.login)

    assert_signed_in(browser, person)


def test_signing_out_ends_the_cookie_at_once(latchkey: Deployment, browser: Browser, person: Person) -> None:
    browser.sign_in(person.login)
    kept = browser.session
    assert kept is not None
    assert browser.sign_out().status_code == 204

    assert browser.session is None
    stolen = latchkey.stranger().get("/auth/me", headers={"Cookie": f"latchkey_session={kept}"})
    assert stolen.status_code == 401
    assert latchkey.rows.sessions_of(person) == []


def test_signing_in_again_ends_the_session_that_the_browser_had(
    latchkey: Deployment, browser: Browser, person: Person
) -> None:
    browser.sign_in(person.login)
    old = browser.session
    browser.sign_in(person.login)

    answer = latchkey.stranger().get("/auth/me", headers={"Cookie": f"latchkey_session={old}"})
    assert answer.status_code == 401
    assert_signed_in(browser, person)


def finish_at_once(browsers: list[Browser], person: Person) -> list[httpx.Response]:
    def authorize(browser: Browser) -> str:
        return browser.authorize(browser.start(), person.login)

    with ThreadPoolExecutor(len(browsers)) as threads:
        urls = list(threads.map(authorize, browsers))
        return list(threads.map(Browser.callback, browsers, urls))


def test_ten_first_logins_of_one_person_at_once_are_all_signed_in_as_one_user(
    latchkey: Deployment, new_browser: Callable[[], Browser], person: Person
) -> None:
    browsers = [new_browser() for _ in range(10)]
    answers = finish_at_once(browsers, person)

    assert {answer.status_code for answer in answers} == {303}
    assert len({browser.session for browser in browsers}) == 10
    assert {assert_signed_in(browser, person) for browser in browsers} == {latchkey.rows.user_id(person)}
    assert len(latchkey.rows.sessions_of(person)) == 10
    assert_one_connection(latchkey, person)


def test_fifty_first_logins_of_one_person_at_once_make_one_user_with_one_connection_that_works(
    latchkey: Deployment, new_browser: Callable[[], Browser], person: Person
) -> None:
    browsers = [new_browser() for _ in range(50)]
    answers = finish_at_once(browsers, person)

    # GitHub keeps ten tokens of a person: whose token went before it was looked at has to start again.
    signed_in = [browser for browser, answer in zip(browsers, answers, strict=True) if answer.status_code == 303]
    for answer in answers:
        if answer.status_code != 303:
            assert_start_again(answer)
    assert len(signed_in) >= 10
    assert {assert_signed_in(browser, person) for browser in signed_in} == {latchkey.rows.user_id(person)}
    assert len(latchkey.rows.sessions_of(person)) == len(signed_in)
    assert_one_connection(latchkey, person)


def test_github_is_given_a_state_of_ours_and_nangos_never_leaves_the_server(
    latchkey: Deployment, browser: Browser
) -> None:
    state = parameter(browser.start(), "state")

    [attempt_id] = browser.attempts
    nango_state = latchkey.rows.attempt(attempt_id)["nango_state"]
    assert state
    assert state != nango_state
    assert len(state) == 43, "256 bits"
