"""Somebody takes the authorization back at GitHub, and GitHub says so by way of Nango."""

from uuid import uuid4

import pytest

from tests.journeys.browser import Browser
from tests.journeys.deployment import Deployment
from tests.journeys.outcomes import assert_one_connection, assert_signed_in
from tests.journeys.sandbox import Person
from tests.journeys.waiting import eventually

pytestmark = [pytest.mark.journey, pytest.mark.postgres]


def say_that_it_was_revoked(latchkey: Deployment, person: Person) -> None:
    mark = str(uuid4())
    event = {"action": "revoked", "sender": {"id": person.id, "login": person.login}, "mark": mark}
    latchkey.rows.let_connections_rest(person)
    latchkey.sandbox.post_to_ingress(event, event="github_app_authorization")
    eventually(lambda: latchkey.rows.deliveries_with(mark), "the event")
    [delivery] = latchkey.wait_until_processed(mark)
    assert (delivery["kind"], delivery["state"]) == ("github", "done")


def test_a_connection_that_works_no_more_is_seen_to(latchkey: Deployment, browser: Browser, person: Person) -> None:
    browser.sign_in(person.login)
    latchkey.sandbox.revoke(assert_one_connection(latchkey, person))

    say_that_it_was_revoked(latchkey, person)

    [connection] = latchkey.rows.connections_of(person)
    assert connection["state"] == "broken"


def test_whoever_says_so_without_it_being_true_breaks_nothing(
    latchkey: Deployment, browser: Browser, person: Person
) -> None:
    browser.sign_in(person.login)

    say_that_it_was_revoked(latchkey, person)

    [connection] = latchkey.rows.connections_of(person)
    assert connection["state"] == "live"
    assert_signed_in(browser, person)
