"""The service dies at the worst moments: nothing is lost, nothing is doubled, and nobody else gets in."""

from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from uuid import UUID

import httpx
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from tests.databases import PostgresServer
from tests.journeys.browser import Browser, problem_of
from tests.journeys.deployment import Deployment, deployed
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


@pytest.fixture(scope="module")
def fragile_deployment(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Deployment]:
    """One service, and no worker beside it that could take over while it is down."""
    with deployed(postgres_server, tmp_path_factory.mktemp("fragile"), WORKER_LEASE_SECONDS="3") as deployment:
        yield deployment


@pytest.fixture
def latchkey(fragile_deployment: Deployment) -> Generator[Deployment]:
    yield fragile_deployment
    fragile_deployment.tap.clear()
    fragile_deployment.sandbox.calm_down()


def crash_at(  # noqa: PLR0913 - who, and where
    latchkey: Deployment, browser: Browser, callback: str, method: str, path: str, *, after: bool
) -> None:
    """Let the browser come back, kill the service at that call to Nango, and start it again."""
    stop = latchkey.tap.stop_after(method, path) if after else latchkey.tap.stop_before(method, path)
    with ThreadPoolExecutor() as threads:
        coming_back = threads.submit(browser.callback, callback)
        stop.wait_until_reached()
        latchkey.service.kill()
        stop.release()
        assert isinstance(coming_back.exception(), httpx.TransportError)
    latchkey.restart()


def back_from_github(browser: Browser, person: Person) -> tuple[str, UUID]:
    callback = browser.authorize(browser.start(), person.login)
    [attempt_id] = browser.attempts
    return callback, attempt_id


@pytest.mark.parametrize(
    ("method", "path", "after"),
    [("GET", "/oauth/callback", True), ("GET", "/connections", False), ("GET", "/proxy/user", True)],
)
def test_a_browser_that_comes_again_after_a_crash_is_signed_in(  # noqa: PLR0913 - who plays, and where
    latchkey: Deployment, browser: Browser, person: Person, method: str, path: str, *, after: bool
) -> None:
    callback, attempt_id = back_from_github(browser, person)
    crash_at(latchkey, browser, callback, method, path, after=after)

    assert latchkey.rows.user(person) is None
    latchkey.rows.end_lease(attempt_id)
    assert browser.callback(callback).status_code == 303
    assert assert_signed_in(browser, person) == attempt_id
    assert len(latchkey.tap.of("GET", "/oauth/callback")) == 1
    assert len(latchkey.rows.sessions_of(person)) == 1
    assert_one_connection(latchkey, person)


def test_without_the_browser_the_webhook_completes_the_user_and_gives_nobody_a_session(
    latchkey: Deployment, browser: Browser, other_browser: Browser, person: Person
) -> None:
    callback, attempt_id = back_from_github(browser, person)
    latchkey.sandbox.trouble_webhooks(reorder=2)
    crash_at(latchkey, browser, callback, "GET", "/oauth/callback", after=True)
    latchkey.rows.end_lease(attempt_id)
    latchkey.sandbox.trouble_webhooks()

    eventually(lambda: latchkey.rows.user(person), "completing the user")
    assert latchkey.rows.attempt(attempt_id)["state"] == "finished"
    other_browser.start()
    assert_start_again(other_browser.callback(callback))
    assert_not_signed_in(other_browser)
    assert latchkey.rows.sessions_of(person) == []
    assert browser.callback(callback).status_code == 303
    assert_signed_in(browser, person)
    assert_start_again(browser.callback(callback))
    assert len(latchkey.rows.sessions_of(person)) == 1
    assert_one_connection(latchkey, person)


def test_a_crash_before_nango_was_asked_is_over_when_the_attempt_expires(
    latchkey: Deployment, browser: Browser, person: Person
) -> None:
    callback, attempt_id = back_from_github(browser, person)
    crash_at(latchkey, browser, callback, "GET", "/oauth/callback", after=False)
    # The request that was held up reaches Nango all the same, after the death of who sent it.
    eventually(lambda: latchkey.sandbox.connections_for(attempt_id), "the connection")
    latchkey.rows.end_lease(attempt_id)
    latchkey.rows.expire(attempt_id)

    latchkey.wait_until_swept(attempt_id)
    assert_start_again(browser.callback(callback))
    assert_never_seen(latchkey, person)
    browser.sign_in(person.login)
    assert_signed_in(browser, person)
    assert_one_connection(latchkey, person)


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_what_a_crash_left_undone_at_nango_is_done_after_it(
    latchkey: Deployment, browser: Browser, other_browser: Browser, person: Person, method: str
) -> None:
    other_browser.sign_in(person.login)
    assert_one_connection(latchkey, person)
    callback, _ = back_from_github(browser, person)
    stop = latchkey.tap.stop_before(method, "/connections/*")
    assert browser.callback(callback).status_code == 303
    stop.wait_until_reached()
    latchkey.service.kill()
    latchkey.tap.clear()
    latchkey.restart()

    assert_one_connection(latchkey, person)
    assert_signed_in(browser, person)
    assert_signed_in(other_browser, person)


def test_a_webhook_that_was_accepted_survives_a_crash(latchkey: Deployment, browser: Browser, person: Person) -> None:
    browser.sign_in(person.login)
    connection_id = assert_one_connection(latchkey, person)
    latchkey.wait_until_processed(connection_id)
    latchkey.rows.let_connections_rest(person)
    latchkey.sandbox.revoke(connection_id)
    stop = latchkey.tap.stop_before("GET", "/connections/*")
    assert latchkey.post_webhook(latchkey.auth_event(connection_id, "nobody", operation="refresh")).status_code == 200
    stop.wait_until_reached()
    latchkey.service.kill()
    latchkey.tap.clear()
    latchkey.restart()
    latchkey.rows.make_due("nobody")

    eventually(lambda: latchkey.rows.connections_of(person)[0]["state"] == "broken", "reading the connection back")
    latchkey.wait_until_processed("nobody")


@contextmanager
def database_away(postgres_server: PostgresServer, latchkey: Deployment) -> Generator[None]:
    """Throw everybody out of the database, and let nobody in until the block ends."""
    name = str(conninfo_to_dict(latchkey.conninfo)["dbname"])
    allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
    with psycopg.connect(postgres_server.conninfo, autocommit=True) as admin:
        admin.execute(allow.format(sql.Identifier(name), sql.SQL("false")))
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %(name)s", {"name": name})
        try:
            yield
        finally:
            admin.execute(allow.format(sql.Identifier(name), sql.SQL("true")))


def in_flight(
    threads: ThreadPoolExecutor, latchkey: Deployment, browser: Browser, callback: str
) -> Future[httpx.Response]:
    """Let the browser come back, and tell the service to stop while it is at it."""
    stop = latchkey.tap.stop_after("GET", "/oauth/callback")
    coming_back = threads.submit(browser.callback, callback)
    stop.wait_until_reached()
    latchkey.service.terminate()
    eventually(lambda: not latchkey.accepts_connections(), "closing the door")
    stop.release()
    return coming_back


def test_a_service_that_is_told_to_stop_finishes_what_is_under_way(
    latchkey: Deployment, browser: Browser, person: Person
) -> None:
    callback, _ = back_from_github(browser, person)
    with ThreadPoolExecutor() as threads:
        answer = in_flight(threads, latchkey, browser, callback).result()

    assert answer.status_code == 303
    assert latchkey.service.wait() == 0
    latchkey.restart()
    assert_signed_in(browser, person)
    assert_one_connection(latchkey, person)


def test_a_worker_that_is_told_to_stop_finishes_what_is_under_way(
    latchkey: Deployment, browser: Browser, person: Person
) -> None:
    browser.sign_in(person.login)
    connection_id = assert_one_connection(latchkey, person)
    latchkey.wait_until_processed(connection_id)
    latchkey.rows.let_connections_rest(person)
    mark = f"mark of {person.login}"
    latchkey.service.stop()
    latchkey.rows.receive(latchkey.auth_event(connection_id, mark, operation="override"))
    stop = latchkey.tap.stop_before("GET", "/connections/*")
    worker = latchkey.start("worker")
    stop.wait_until_reached()
    worker.terminate()
    stop.release()

    assert worker.wait() == 0
    [delivery] = latchkey.rows.deliveries_with(mark)
    assert delivery["state"] == "done"
    latchkey.restart()


def test_readyz_says_when_the_database_is_away_and_when_it_is_back(
    latchkey: Deployment, postgres_server: PostgresServer
) -> None:
    stranger = latchkey.stranger()
    assert stranger.get("/healthz").json() == {"status": "ok"}
    assert stranger.get("/readyz").json() == {"status": "ready"}

    with database_away(postgres_server, latchkey):
        answer = stranger.get("/readyz")
        assert answer.status_code == 503
        assert problem_of(answer)["code"] == "upstream_unavailable"
        assert stranger.get("/healthz").status_code == 200
        assert stranger.get("/auth/login").status_code == 503
        assert latchkey.post_webhook({"type": "auth"}).status_code == 503, "Nango tries again only after a 5xx"
    eventually(lambda: stranger.get("/readyz").status_code == 200, "coming back", 30)
