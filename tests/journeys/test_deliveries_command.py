"""Operators look at deliveries and replay them, beside a service that works."""

import json
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from uuid import uuid4

import pytest

from tests.journeys.browser import Browser
from tests.journeys.deployment import Deployment
from tests.journeys.outcomes import assert_one_connection
from tests.journeys.programs import LATCHKEY
from tests.journeys.sandbox import Person
from tests.journeys.waiting import eventually

pytestmark = [pytest.mark.journey, pytest.mark.postgres]

TROUBLE = "\x1b]0;owned\x07 \x9b2J \u202e"


def operate_at_once(latchkey: Deployment, *commands: str) -> list[tuple[int, str, str]]:
    """Run commands with the database and nothing else to go by; tell how each ended, what it said and complained."""
    processes = [
        subprocess.Popen(  # noqa: S603 - our own program
            [LATCHKEY, "deliveries", *command.split()],
            env={"DATABASE_URL": latchkey.settings["DATABASE_URL"]},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for command in commands
    ]
    said = [process.communicate(timeout=30) for process in processes]
    return [(process.returncode, *texts) for process, texts in zip(processes, said, strict=True)]


def operate(latchkey: Deployment, command: str) -> str:
    """Run a command that succeeds; tell what it said."""
    [(status, said, complained)] = operate_at_once(latchkey, command)
    assert (status, complained) == (0, "")
    return said


@contextmanager
def a_bug(latchkey: Deployment) -> Generator[None, None, None]:
    """Let whatever looks for a connection fail as no code expects."""
    latchkey.rows.change("ALTER TABLE connections RENAME TO mislaid")
    try:
        yield
    finally:
        latchkey.rows.change("ALTER TABLE mislaid RENAME TO connections")


def test_a_delivery_that_met_a_bug_is_found_and_replayed_when_that_is_mended(
    latchkey: Deployment, browser: Browser, person: Person
) -> None:
    browser.sign_in(person.login)
    connection_id = assert_one_connection(latchkey, person)
    latchkey.wait_until_processed(connection_id)
    latchkey.rows.let_connections_rest(person)
    mark = str(uuid4())
    event = latchkey.auth_event(connection_id, mark, operation="override")
    with a_bug(latchkey):
        latchkey.post_webhook({**event, "message": TROUBLE})
        [delivery] = latchkey.wait_until_processed(mark)
    assert delivery["state"] == "held"

    (_, listed, _), (_, shown, _) = operate_at_once(latchkey, "list --state held", f"show {delivery['id']}")
    [line] = [line for line in listed.splitlines() if line.startswith(f"{delivery['id']} ")]
    assert line.split()[1:3] == ["auth", "held"]
    assert line.endswith("UndefinedTable")
    assert f'"connectionId": "{connection_id}"' in shown
    assert "owned" in shown
    assert not set(TROUBLE) & set(shown) - set("]0;owned 2J")
    assert operate(latchkey, f"replay {delivery['id']}") == f"{delivery['id']} waits again\n"

    [delivery] = latchkey.wait_until_processed(mark)
    assert (delivery["state"], delivery["note"]) == ("done", "the connection was read back")


def test_all_that_are_held_are_replayed_with_one_command(latchkey: Deployment) -> None:
    marks = [str(uuid4()) for _ in range(3)]
    with a_bug(latchkey):
        for mark in marks:
            latchkey.post_webhook(latchkey.auth_event("made-up", mark))
        for mark in marks:
            eventually(lambda mark=mark: latchkey.rows.deliveries_with(mark), "the delivery")
            latchkey.wait_until_processed(mark)

    assert operate(latchkey, "replay --held").endswith("3 of 3 held deliveries wait again\n")
    assert [latchkey.wait_until_processed(mark)[0]["state"] for mark in marks] == ["ignored"] * 3


def test_what_cannot_be_done_is_one_line_and_a_status(latchkey: Deployment) -> None:
    shown, replayed = operate_at_once(latchkey, "show 987654321", "replay 987654321")

    assert shown == (1, "", "latchkey: there is no delivery 987654321\n")
    assert replayed == (1, "", "latchkey: 987654321 was not replayed: there is no such delivery\n")


def test_a_program_can_read_the_counts(latchkey: Deployment) -> None:
    mark = str(uuid4())
    for _ in range(2):
        latchkey.post_webhook({"type": "sync", "mark": mark})
    latchkey.wait_until_processed(mark)

    counted = json.loads(operate(latchkey, "stats --json"))

    assert list(counted) == ["received", "merged", "waiting", "done", "ignored", "held"]
    assert all(type(count) is int for count in counted.values())
    assert counted["received"] >= 2
    assert counted["ignored"] >= 1
