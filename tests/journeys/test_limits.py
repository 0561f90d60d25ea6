"""Floods: who begins too often is told to wait, and whoever is on the way gets in all the same."""

from collections import Counter
from collections.abc import Generator
from typing import Final
from uuid import uuid4

import httpx
import pytest

from tests.databases import PostgresServer
from tests.journeys.browser import NAVIGATION, problem_of
from tests.journeys.deployment import Deployment, deployed
from tests.journeys.outcomes import assert_signed_in

pytestmark = [pytest.mark.journey, pytest.mark.postgres]

STARTS_PER_ADDRESS: Final = 20
CALLS_PER_MINUTE: Final = 50
STARTS_IN_BUDGET: Final = 10


@pytest.fixture(scope="module")
def thrifty(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Generator[Deployment]:
    folder = tmp_path_factory.mktemp("thrifty")
    settings = {
        "ADDRESS_LIMITS": "",
        "LOGIN_STARTS_PER_MINUTE": str(STARTS_PER_ADDRESS),
        "NANGO_CALLS_PER_MINUTE": str(CALLS_PER_MINUTE),
    }
    with deployed(postgres_server, folder, **settings) as deployment:
        yield deployment


@pytest.fixture(scope="module")
def behind_a_proxy(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Generator[Deployment]:
    folder = tmp_path_factory.mktemp("behind-a-proxy")
    settings = {
        "ADDRESS_LIMITS": "true",
        "LOGIN_STARTS_PER_MINUTE": str(STARTS_PER_ADDRESS),
        "TRUSTED_PROXIES": "127.0.0.1",
    }
    with deployed(postgres_server, folder, **settings) as deployment:
        yield deployment


def test_a_flood_of_starts_is_told_to_wait_and_leaves_enough_of_nango_to_finish(thrifty: Deployment) -> None:
    person = thrifty.sandbox.newcomer()
    browser = thrifty.browser()
    callback = browser.authorize(browser.start(), person.login)
    stranger = thrifty.stranger()
    answers: list[httpx.Response] = []
    for number in range(STARTS_PER_ADDRESS + 5):
        prefix = "/auth" if number % 2 else "/api/auth"
        # Anybody can write this header, so it counts for nothing without TRUSTED_PROXIES.
        answers.append(stranger.get(f"{prefix}/login", headers={"X-Forwarded-For": f"192.0.2.{number}"}))

    assert Counter(answer.status_code for answer in answers) == {
        303: STARTS_IN_BUDGET - 1,
        503: STARTS_PER_ADDRESS - STARTS_IN_BUDGET,
        429: 6,
    }
    beyond_budget, beyond_limit = answers[STARTS_IN_BUDGET], answers[-1]
    assert problem_of(beyond_budget)["code"] == "no_calls_left"
    assert problem_of(beyond_limit)["code"] == "too_many_requests"
    for refused in (beyond_budget, beyond_limit):
        assert 1 <= int(refused.headers["retry-after"]) <= 60
    page = stranger.get("/auth/login", headers=NAVIGATION)
    assert page.status_code == 429
    assert page.headers["content-type"].startswith("text/html")
    assert thrifty.from_address("127.0.0.2").get("/auth/login").status_code == 503
    # Whoever was on the way is not held up, and neither is Nango.
    assert browser.callback(callback).status_code == 303
    assert_signed_in(browser, person)
    assert thrifty.post_webhook({"type": "invented"}).status_code == 200


def test_behind_a_trusted_proxy_each_address_counts_for_itself(behind_a_proxy: Deployment) -> None:
    stranger = behind_a_proxy.stranger()

    def begin(forwarded_for: str) -> int:
        return stranger.get("/auth/login", headers={"X-Forwarded-For": forwarded_for}).status_code

    assert {begin("192.0.2.1") for _ in range(STARTS_PER_ADDRESS)} == {303}
    assert begin("192.0.2.1") == 429
    assert begin("192.0.2.2") == 303
    assert begin("198.51.100.7, 192.0.2.1") == 429, "only what the proxy itself saw counts"
    assert {begin(f"2001:db8::{number}") for number in range(1, STARTS_PER_ADDRESS + 1)} == {303}
    assert begin("2001:db8::ffff") == 429, "a subscriber has a whole /64"
    assert begin("2001:db8:1::1") == 303


def test_a_flood_of_webhooks_is_stored_and_costs_nothing(thrifty: Deployment) -> None:
    mark = str(uuid4())
    asked_before = len(thrifty.tap.asked)
    for number in range(100):
        event = {**thrifty.auth_event(f"made-up-{number}", uuid4()), "mark": mark}
        assert thrifty.post_webhook(event).status_code == 200

    assert {one["state"] for one in thrifty.wait_until_processed(mark)} == {"ignored"}
    assert len(thrifty.tap.asked) == asked_before


def test_callbacks_that_nobody_began_cost_no_call(thrifty: Deployment) -> None:
    asked_before = len(thrifty.tap.asked)
    stranger = thrifty.stranger()

    assert {stranger.get(f"/oauth/callback?code=1&state={uuid4()}").status_code for _ in range(50)} == {400}
    assert len(thrifty.tap.asked) == asked_before
