"""Reconcile as its own process, and as the service does it unasked."""

from collections.abc import Generator

import pytest

from tests.databases import PostgresServer
from tests.journeys.browser import Browser
from tests.journeys.deployment import Deployment, deployed
from tests.journeys.outcomes import assert_one_connection
from tests.journeys.sandbox import Person
from tests.journeys.waiting import eventually

pytestmark = [pytest.mark.journey, pytest.mark.postgres]


@pytest.fixture(scope="module")
def latchkey(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Generator[Deployment]:
    with deployed(postgres_server, tmp_path_factory.mktemp("reconcile")) as deployment:
        yield deployment


@pytest.fixture
def broken(latchkey: Deployment, browser: Browser, person: Person) -> Person:
    """Break the connection of somebody who signed in; no webhook comes."""
    latchkey.sandbox.trouble_webhooks(drop=2)
    browser.sign_in(person.login)
    latchkey.sandbox.break_refresh(assert_one_connection(latchkey, person))
    return person


def state_of(latchkey: Deployment, person: Person) -> str:
    [row] = latchkey.rows.connections_of(person)
    return str(row["state"])


def test_the_command_heals_what_a_dry_run_of_it_only_names(latchkey: Deployment, broken: Person) -> None:
    tables, connections = latchkey.rows.everything(), latchkey.sandbox.connections()
    [row] = latchkey.rows.connections_of(broken)
    named = f"recheck {row['id']}: Nango reports errors of it"
    latchkey.tap.clear()
    status, said = latchkey.reconcile("--dry-run")

    assert (status, said[:-1]) == (0, [named])
    assert said[-1].endswith("nothing was changed")
    assert latchkey.rows.everything() == tables
    assert latchkey.sandbox.connections() == connections
    assert [(asked.method, asked.path) for asked in latchkey.tap.asked] == 2 * [("GET", "/connections")]
    status, said = latchkey.reconcile()
    assert (status, said[:-1]) == (0, [f"{named}: healed (read back)"])
    assert state_of(latchkey, broken) == "broken"


def test_what_could_not_be_healed_shows_in_the_status(latchkey: Deployment, broken: Person) -> None:
    latchkey.sandbox.fail_next("GET /connections/{connection_id}", times=3)
    status, said = latchkey.reconcile()

    assert status == 1
    assert "1 postponed" in said[-1]
    assert state_of(latchkey, broken) == "live"


def test_a_run_that_is_due_heals_unasked(latchkey: Deployment, broken: Person) -> None:
    latchkey.post_webhook({"type": "invented"})
    latchkey.rows.make_reconcile_due()
    worker = latchkey.start("worker")
    worker.wait_until_ready()

    eventually(lambda: state_of(latchkey, broken) == "broken", "the run")
    eventually(lambda: '"event": "reconciled"' in "".join(latchkey.logs().values()), "saying so")
    eventually(lambda: '"webhooks": "seen lately"' in worker.said(), "saying whether webhooks come")
