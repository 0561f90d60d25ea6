"""`LOGIN_BINDING=cookie`, the seed as written: Nango has the callback, and a webhook or a look finishes the sign-in."""

import subprocess
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import httpx
import pytest

from tests.databases import PostgresServer
from tests.journeys.browser import Browser
from tests.journeys.connect_ui import (
    NOT_READY,
    PROMPT_SECONDS,
    Page,
    ask,
    assert_not_ready,
    assert_ready,
    connect_at_nango,
)
from tests.journeys.deployment import Deployment, deployed
from tests.journeys.outcomes import assert_never_seen, assert_not_signed_in, assert_one_connection, assert_signed_in
from tests.journeys.programs import LATCHKEY
from tests.journeys.sandbox import Person
from tests.journeys.waiting import eventually

pytestmark = [pytest.mark.journey, pytest.mark.postgres]

GRACE_SECONDS: Final = 1.0
PUBLIC_URL: Final = "https://login.example.com"
LONG: Final = 25


@pytest.fixture(scope="module")
def by_cookie(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Generator[Deployment]:
    folder = tmp_path_factory.mktemp("by-cookie")
    with deployed(postgres_server, folder, LOGIN_BINDING="cookie", ALLOWED_ORIGINS="") as deployment:
        yield deployment


@pytest.fixture
def latchkey(by_cookie: Deployment) -> Generator[Deployment]:
    yield by_cookie
    by_cookie.tap.clear()
    by_cookie.sandbox.calm_down()


@pytest.fixture
def page(latchkey: Deployment, browser: Browser) -> Page:
    return Page(latchkey, browser)


def poll(page: Page, connection_id: str) -> httpx.Response:
    """Ask again and again, as the seed's page does, until there is an answer."""

    def ready() -> httpx.Response | None:
        answer = page.status(connection_id)
        return None if answer.json() == NOT_READY else answer

    return eventually(ready, "the end of the sign-in")


def test_the_webhook_finishes_it(latchkey: Deployment, page: Page, person: Person) -> None:
    connection_id = connect_at_nango(page, person)
    latchkey.wait_until_processed(connection_id)
    eventually(lambda: page.state == "finished", "the webhook")
    told = assert_ready(page.status(connection_id))

    assert told["user"]["githubId"] == person.id
    assert assert_signed_in(page.browser, person) == latchkey.rows.user_id(person) == page.attempt_id
    bearer = latchkey.stranger().get("/auth/me", headers={"Authorization": f"Bearer {told['token']}"})
    assert bearer.status_code == 200
    assert_not_ready(page.status(connection_id))
    assert_one_connection(latchkey, person)


def test_a_lost_webhook_is_made_up_for_after_a_grace_in_plain_polling(
    latchkey: Deployment, page: Page, person: Person
) -> None:
    latchkey.sandbox.trouble_webhooks(drop=1)
    connection_id = connect_at_nango(page, person)
    latchkey.tap.clear()
    began = time.monotonic()
    assert_not_ready(page.status(connection_id))
    assert latchkey.tap.asked == []
    assert_ready(poll(page, connection_id))

    assert GRACE_SECONDS <= time.monotonic() - began < PROMPT_SECONDS
    assert latchkey.rows.deliveries_with(connection_id) == []
    assert_signed_in(page.browser, person)
    assert_one_connection(latchkey, person)


@pytest.mark.parametrize("trouble", [{"drop": 1}, {"delay_seconds": 2}, {"duplicate": 2}, {}])
def test_a_long_question_is_answered_whatever_becomes_of_the_webhook(
    latchkey: Deployment, page: Page, person: Person, trouble: dict[str, float]
) -> None:
    latchkey.sandbox.trouble_webhooks(**trouble)
    with ThreadPoolExecutor() as threads:
        connection_id = connect_at_nango(page, person)
        began = time.monotonic()
        assert_ready(threads.submit(page.status, connection_id, LONG).result())
        assert time.monotonic() - began < PROMPT_SECONDS

    assert_signed_in(page.browser, person)
    assert_one_connection(latchkey, person)


def test_who_is_still_at_github_is_waited_for_without_asking_nango_often(
    latchkey: Deployment, page: Page, person: Person
) -> None:
    latchkey.sandbox.trouble_webhooks(drop=1)
    latchkey.tap.clear()
    deadline = time.monotonic() + 2.5
    while time.monotonic() < deadline:
        assert_not_ready(page.status("not-known-yet"))
        time.sleep(0.05)
    assert len(latchkey.tap.of("GET", "/connections")) == 1

    assert_ready(poll(page, connect_at_nango(page, person)))
    assert_signed_in(page.browser, person)


def test_somebody_who_returns_is_the_same_user_with_one_connection(
    latchkey: Deployment, new_browser: Callable[[], Browser], person: Person
) -> None:
    ids: list[str] = []
    browsers = [new_browser(), new_browser()]
    for browser in browsers:
        page = Page(latchkey, browser)
        ids.append(connect_at_nango(page, person))
        assert_ready(poll(page, ids[-1]))

    assert len({assert_signed_in(browser, person) for browser in browsers}) == 1
    assert assert_one_connection(latchkey, person) == ids[-1]


@pytest.mark.parametrize("is_dropped", [False, True])
def test_another_browser_learns_nothing(
    latchkey: Deployment, page: Page, new_browser: Callable[[], Browser], person: Person, *, is_dropped: bool
) -> None:
    if is_dropped:
        latchkey.sandbox.trouble_webhooks(drop=1)
    nobody, crook = new_browser(), Page(latchkey, new_browser())
    connection_id = connect_at_nango(page, person)
    for _ in range(3):
        for guess in (connection_id, str(page.attempt_id), "guessed"):
            began = time.monotonic()
            assert_not_ready(ask(nobody, guess, LONG))
            assert time.monotonic() - began < PROMPT_SECONDS
            assert_not_ready(crook.status(guess))
        time.sleep(GRACE_SECONDS / 2)

    assert_ready(poll(page, connection_id))
    assert_not_ready(ask(nobody, connection_id))
    assert_not_ready(crook.status(connection_id))
    assert_not_signed_in(nobody)
    assert_not_signed_in(crook.browser)


def test_two_connections_for_one_attempt_sign_nobody_in(
    latchkey: Deployment, page: Page, person: Person, attacker: Person
) -> None:
    latchkey.sandbox.trouble_webhooks(drop=2)
    first = connect_at_nango(page, person)
    page.connect_behind_our_back(attacker)
    page.status(first)
    eventually(lambda: page.status(first) and page.state in {"failing", "failed"}, "the refusal")

    assert_not_ready(page.status(first))
    assert_not_signed_in(page.browser)
    assert_never_seen(latchkey, person)
    assert_never_seen(latchkey, attacker)


def test_an_attempt_that_has_expired_is_not_finished(latchkey: Deployment, page: Page, person: Person) -> None:
    latchkey.rows.expire(page.attempt_id)
    connection_id = connect_at_nango(page, person)
    [delivery] = eventually(lambda: latchkey.wait_until_processed(connection_id), "the webhook")

    assert delivery["state"] == "ignored"
    assert_not_ready(page.status(connection_id))
    time.sleep(GRACE_SECONDS)
    assert_not_ready(page.status(connection_id))
    assert_not_signed_in(page.browser)
    assert latchkey.rows.user(person) is None


def test_a_page_that_goes_where_it_is_told_can_authorise(page: Page) -> None:
    told = page.session["apiUrl"]
    answer = page.browser.http.get(f"{told}/oauth/connect/github", params={"connect_session_token": page.token})

    assert answer.is_redirect


@pytest.mark.parametrize("path", ["/connect/session", "/integrations", "/providers/github"])
def test_without_allowed_origins_the_preflight_of_connect_ui_passes(latchkey: Deployment, path: str) -> None:
    asked = {
        "Origin": "https://connect.nango.dev",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization",
    }
    preflight = latchkey.stranger().options(path, headers=asked)

    assert preflight.is_success
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "authorization" in preflight.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in preflight.headers


def test_behind_a_public_address_the_start_ends_with_one_line_that_names_the_setting(latchkey: Deployment) -> None:
    settings = {**latchkey.settings, "PUBLIC_URL": PUBLIC_URL}
    ended = subprocess.run(  # noqa: S603 - our own program
        [LATCHKEY, "serve"],
        env=settings,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    said = (ended.stdout + ended.stderr).splitlines()
    assert ended.returncode != 0
    assert len(said) == 1
    assert "LOGIN_BINDING" in said[0]
    assert "ALLOW_LOGIN_LINKS" in said[0]


def test_behind_a_public_address_it_starts_when_the_risk_is_named(latchkey: Deployment) -> None:
    program, address = latchkey.start_beside(PUBLIC_URL=PUBLIC_URL, ALLOW_LOGIN_LINKS="true")
    answer = httpx.get(f"{address}/auth/nango-session", trust_env=False)
    latchkey.secrets.add(answer.json()["sessionToken"])
    program.stop()

    assert answer.status_code == 200
    assert "__Host-latchkey_login_" in answer.headers["set-cookie"]
