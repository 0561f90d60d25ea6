"""Nango or GitHub does not do its part: said in words, and nothing is lost that need not be."""

import pytest

from tests.journeys.browser import Browser, problem_of
from tests.journeys.deployment import Deployment
from tests.journeys.outcomes import (
    assert_gives_nothing,
    assert_not_signed_in,
    assert_one_connection,
    assert_signed_in,
    assert_start_again,
)
from tests.journeys.sandbox import GITHUB_TOKEN, GITHUB_USER, Person
from tests.journeys.tap import Step
from tests.journeys.waiting import eventually

pytestmark = [pytest.mark.journey, pytest.mark.postgres]

# As often as a call that may be repeated is sent.
ALL_TRIES = 3


@pytest.mark.parametrize("endpoint", ["POST /connect/sessions", "GET /oauth/connect/{integration_key}"])
def test_a_start_that_nango_does_not_answer_asks_for_a_moment(
    latchkey: Deployment, browser: Browser, person: Person, endpoint: str
) -> None:
    latchkey.sandbox.fail_next(endpoint, times=ALL_TRIES)

    answer = browser.begin()
    assert answer.status_code == 503
    assert "One moment" in answer.text
    assert_gives_nothing(answer)
    assert browser.attempts == []
    browser.sign_in(person.login)
    assert_signed_in(browser, person)


def test_a_program_is_told_of_an_outage_by_a_problem_document(latchkey: Deployment) -> None:
    latchkey.sandbox.fail_next("POST /connect/sessions", times=ALL_TRIES)

    answer = latchkey.stranger().get("/auth/login")
    assert answer.status_code == 503
    assert problem_of(answer)["code"] == "upstream_unavailable"


def test_one_hiccup_of_nango_is_not_noticed(latchkey: Deployment, browser: Browser, person: Person) -> None:
    latchkey.sandbox.fail_next("POST /connect/sessions")
    latchkey.sandbox.fail_next("GET /connections")
    browser.sign_in(person.login)

    assert_signed_in(browser, person)


def test_a_code_that_github_does_not_know_is_said_in_words(latchkey: Deployment, browser: Browser) -> None:
    github_url = browser.start()
    [attempt_id] = browser.attempts
    state = browser.state_of(github_url)

    answer = browser.callback(f"{latchkey.origin}/oauth/callback?code=made-up&state={state}")
    assert_start_again(answer)
    assert "GitHub did not confirm this sign-in" in answer.text
    assert latchkey.rows.attempt(attempt_id)["state"] in {"failing", "failed"}


def test_a_failing_token_endpoint_of_github_is_said_in_words(
    latchkey: Deployment, browser: Browser, person: Person
) -> None:
    callback = browser.authorize(browser.start(), person.login)
    latchkey.sandbox.fail_next(GITHUB_TOKEN, status=500)

    assert_start_again(browser.callback(callback))
    browser.sign_in(person.login)
    assert_signed_in(browser, person)


@pytest.mark.parametrize("endpoint", ["GET /connections", "GET /connections/{connection_id}", GITHUB_USER])
def test_a_sign_in_whose_last_steps_fail_goes_on_when_the_browser_comes_again(
    latchkey: Deployment, browser: Browser, person: Person, endpoint: str
) -> None:
    callback = browser.authorize(browser.start(), person.login)
    [attempt_id] = browser.attempts
    latchkey.sandbox.fail_next(endpoint, times=ALL_TRIES)

    answer = browser.callback(callback)
    assert answer.status_code == 503
    assert "One moment" in answer.text
    assert_gives_nothing(answer)
    latchkey.rows.end_lease(attempt_id)
    assert browser.callback(callback).status_code == 303
    assert len(latchkey.tap.of("GET", "/oauth/callback")) == 1
    assert_signed_in(browser, person)
    assert_one_connection(latchkey, person)


def test_a_failed_last_step_frees_the_attempt_for_the_browsers_next_try(
    latchkey: Deployment, browser: Browser, person: Person
) -> None:
    """The page tries again after three seconds, and that is when it is worth a call again."""
    callback = browser.authorize(browser.start(), person.login)
    latchkey.sandbox.fail_next("GET /connections", times=ALL_TRIES)
    browser.callback(callback)

    eventually(lambda: browser.callback(callback).status_code == 303, "a try after the rest", 6.0)


def test_an_answer_of_nango_that_got_lost_is_found_when_the_browser_comes_again(
    latchkey: Deployment, browser: Browser, person: Person
) -> None:
    callback = browser.authorize(browser.start(), person.login)
    [attempt_id] = browser.attempts
    latchkey.tap.step_in(Step("GET", "/oauth/callback", hang_up=True))

    assert browser.callback(callback).status_code == 503
    assert len(latchkey.sandbox.connections_for(attempt_id)) == 1
    latchkey.rows.end_lease(attempt_id)
    assert browser.callback(callback).status_code == 303
    assert len(latchkey.tap.of("GET", "/oauth/callback")) == 1, "a code is not sent twice"
    assert_signed_in(browser, person)
    assert_one_connection(latchkey, person)


def test_what_a_browser_leaves_behind_half_way_is_deleted_when_it_expires(
    latchkey: Deployment, browser: Browser, person: Person
) -> None:
    callback = browser.authorize(browser.start(), person.login)
    [attempt_id] = browser.attempts
    latchkey.sandbox.trouble_webhooks(drop=1)
    latchkey.sandbox.fail_next("GET /connections", times=ALL_TRIES)
    assert browser.callback(callback).status_code == 503
    latchkey.rows.expire(attempt_id)

    latchkey.wait_until_swept(attempt_id)
    assert_start_again(browser.callback(callback))
    assert_not_signed_in(browser)
    assert latchkey.rows.user(person) is None


def test_a_returning_person_is_in_before_nango_was_told_of_it(
    latchkey: Deployment, browser: Browser, person: Person
) -> None:
    browser.sign_in(person.login)
    assert_one_connection(latchkey, person)
    latchkey.sandbox.fail_next("DELETE /connections/{connection_id}", times=ALL_TRIES)
    latchkey.sandbox.fail_next("PATCH /connections/{connection_id}", times=ALL_TRIES)
    browser.sign_in(person.login)

    assert_signed_in(browser, person)
    assert_one_connection(latchkey, person)
