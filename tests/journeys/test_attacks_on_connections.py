"""Connections that prove nothing: refused, deleted, and nobody signed in by them."""

from typing import Final
from uuid import UUID, uuid4

import pytest

from tests.journeys.browser import Browser
from tests.journeys.deployment import Deployment
from tests.journeys.outcomes import (
    assert_never_seen,
    assert_not_signed_in,
    assert_one_connection,
    assert_signed_in,
    assert_start_again,
)
from tests.journeys.sandbox import Person
from tests.journeys.tap import Step
from tests.journeys.waiting import eventually

pytestmark = [pytest.mark.journey, pytest.mark.postgres]

OVERRIDE: Final = (
    "&credentials%5Boauth_client_id_override%5D=Iv1.evil&credentials%5Boauth_client_secret_override%5D=evil"
)


def back_from_github(browser: Browser, person: Person) -> tuple[str, UUID]:
    callback = browser.authorize(browser.start(), person.login)
    [attempt_id] = browser.attempts
    return callback, attempt_id


def assert_refused(latchkey: Deployment, browser: Browser, callback: str, attempt_id: UUID) -> None:
    assert_start_again(browser.callback(callback))
    assert_not_signed_in(browser)
    assert latchkey.sandbox.connections_for(attempt_id) == []
    assert latchkey.rows.attempt(attempt_id)["state"] in {"failing", "failed"}
    # What was refused once stays refused.
    assert_start_again(browser.callback(callback))


def test_a_connection_authorised_with_a_strangers_client_is_refused_and_deleted(
    latchkey: Deployment, browser: Browser, person: Person
) -> None:
    latchkey.tap.step_in(Step("GET", "/oauth/connect/github", change=lambda target: target + OVERRIDE))
    github_url = browser.start()
    assert "client_id=Iv1.evil" in github_url
    callback = browser.authorize(github_url, person.login)
    [attempt_id] = browser.attempts

    assert_refused(latchkey, browser, callback, attempt_id)
    assert_never_seen(latchkey, person)


def test_a_connection_with_settings_that_we_did_not_make_is_refused_and_deleted(
    latchkey: Deployment, browser: Browser, person: Person
) -> None:
    callback, attempt_id = back_from_github(browser, person)

    def configure() -> None:
        [connection] = latchkey.sandbox.connections_for(attempt_id)
        latchkey.sandbox.import_connection(
            attempt_id,
            connection_id=connection.id,
            credentials={"type": "OAUTH2", "access_token": latchkey.sandbox.token_of(connection.id)},
            connection_config={"oauth_scopes_override": "repo"},
        )

    latchkey.tap.step_in(Step("GET", "/connections", before=configure))
    assert_refused(latchkey, browser, callback, attempt_id)
    assert_never_seen(latchkey, person)


def test_a_connection_whose_tags_name_somebody_else_is_refused_and_deleted(
    latchkey: Deployment, browser: Browser, person: Person
) -> None:
    callback, attempt_id = back_from_github(browser, person)

    def tag() -> None:
        [connection] = latchkey.sandbox.connections_for(attempt_id)
        latchkey.sandbox.tag(connection.id, {"end_user_id": str(uuid4())})

    latchkey.tap.step_in(Step("GET", "/connections", before=tag))
    assert_refused(latchkey, browser, callback, attempt_id)
    assert_never_seen(latchkey, person)


def test_a_connection_whose_token_github_refuses_is_deleted(
    latchkey: Deployment, browser: Browser, person: Person
) -> None:
    callback, attempt_id = back_from_github(browser, person)

    def revoke() -> None:
        [connection] = latchkey.sandbox.connections_for(attempt_id)
        latchkey.sandbox.revoke(connection.id)

    latchkey.tap.step_in(Step("GET", "/connections", before=revoke))
    assert_refused(latchkey, browser, callback, attempt_id)
    assert_never_seen(latchkey, person)


def test_a_connection_deleted_at_nango_in_between_is_no_way_in(
    latchkey: Deployment, browser: Browser, person: Person
) -> None:
    callback, attempt_id = back_from_github(browser, person)

    def drop() -> None:
        [connection] = latchkey.sandbox.connections_for(attempt_id)
        latchkey.sandbox.drop(connection.id)

    latchkey.tap.step_in(Step("GET", "/connections", after=drop))
    assert_refused(latchkey, browser, callback, attempt_id)
    assert latchkey.rows.user(person) is None


def test_more_than_one_connection_for_an_attempt_deletes_them_all(
    latchkey: Deployment, browser: Browser, person: Person
) -> None:
    callback, attempt_id = back_from_github(browser, person)
    latchkey.sandbox.import_connection(attempt_id)
    latchkey.sandbox.import_connection(attempt_id)

    assert_refused(latchkey, browser, callback, attempt_id)
    assert_never_seen(latchkey, person)
    browser.sign_in(person.login)
    assert_signed_in(browser, person)
    assert_one_connection(latchkey, person)


def test_a_refused_connection_that_cannot_be_deleted_at_once_is_deleted_later_and_never_a_way_in(
    latchkey: Deployment, browser: Browser, person: Person
) -> None:
    callback, attempt_id = back_from_github(browser, person)
    latchkey.sandbox.import_connection(attempt_id)
    latchkey.sandbox.fail_next("DELETE /connections/{connection_id}", times=3)

    assert browser.callback(callback).status_code in {400, 503}
    assert_start_again(browser.callback(callback))
    assert_not_signed_in(browser)
    eventually(lambda: not latchkey.sandbox.connections_for(attempt_id), "the sweep")
    eventually(lambda: latchkey.rows.attempt(attempt_id)["state"] == "failed", "the end of the attempt")
    assert_never_seen(latchkey, person)


def test_a_connection_that_answers_for_somebody_else_is_cut_off_and_never_re_keyed(
    latchkey: Deployment, browser: Browser, person: Person, attacker: Person
) -> None:
    browser.sign_in(person.login)
    connection_id = assert_one_connection(latchkey, person)
    latchkey.rows.let_connections_rest(person)
    latchkey.sandbox.reconnect(connection_id, latchkey.rows.user_id(person), attacker)

    eventually(lambda: not latchkey.rows.connections_of(person), "cutting the connection off")
    assert latchkey.sandbox.connections_of(attacker) == []
    assert latchkey.rows.user(attacker) is None
    assert_signed_in(browser, person)


def test_a_connection_that_nango_gave_to_somebody_else_is_taken_back(
    latchkey: Deployment, browser: Browser, person: Person
) -> None:
    browser.sign_in(person.login)
    connection_id = assert_one_connection(latchkey, person)
    latchkey.rows.let_connections_rest(person)
    latchkey.sandbox.give_to(connection_id, uuid4())
    latchkey.post_webhook(latchkey.auth_event(connection_id, uuid4(), operation="override"))

    assert assert_one_connection(latchkey, person) == connection_id
    assert_signed_in(browser, person)


def test_a_connection_whose_grant_was_taken_back_is_noted_as_broken_and_replaced_by_the_next_sign_in(
    latchkey: Deployment, browser: Browser, person: Person
) -> None:
    browser.sign_in(person.login)
    connection_id = assert_one_connection(latchkey, person)
    latchkey.sandbox.revoke(connection_id)
    latchkey.rows.let_connections_rest(person)
    latchkey.post_webhook(latchkey.auth_event(connection_id, uuid4(), operation="refresh", success=False))
    eventually(lambda: latchkey.rows.connections_of(person)[0]["state"] == "broken", "noticing it")

    browser.sign_in(person.login)
    assert assert_one_connection(latchkey, person) != connection_id
