"""Operators look at syncs, have them read anew, and decide about deletions."""

import json
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from typing import Final

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from entrypoints import operating
from entrypoints.cli import app
from tests.journeys.programs import url_of
from tests.journeys.rows import Row, Rows

pytestmark = pytest.mark.postgres

TROUBLE: Final = "\x1b]0;owned\x07 \x9b2J \u202e"
ADD: Final = """
    INSERT INTO syncs (connection_id, model, variant, installation_id, name, due_at, error, held_deletions)
    VALUES ('one', 'PullRequest', 'base', 5001, 'pull_requests', '2126-01-01Z', %(error)s, 150)
    RETURNING id
"""
ADD_FAILURE: Final = """
    INSERT INTO sync_scopes (installation_id, due_at, error) VALUES (5002, '2126-01-01Z', 'no such syncs')
"""
SET_ASIDE: Final = """
    INSERT INTO unplaced_records (sync_id, record_id, modified_at, seen_at, reason, record)
    VALUES (%(id)s, '1', now(), now(), 'unreadable', '{}')
"""


@dataclass
class Operator:
    """Runs commands with the database and nothing else to go by; beside the sync that `sync_id` names."""

    rows: Rows
    url: str
    sync_id: str

    def run(self, *arguments: str, typed: str = "") -> tuple[int, str, str]:
        """Tell how a command ended, what it said and complained."""
        with capture_logs():
            done = CliRunner().invoke(app, ["sync", *arguments], env={"DATABASE_URL": self.url}, input=typed)
        return done.exit_code, done.stdout, done.stderr

    def row(self) -> Row:
        [found] = self.rows.read("SELECT is_full_wanted, may_delete, held_deletions FROM syncs")
        return found


def leave_alone(level: str) -> None:
    """Keep the logs of this process as they are."""
    del level


@pytest.fixture
def operator(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Generator[Operator]:
    """Have a sync with an error that a stranger wrote, and with deletions that are held."""
    monkeypatch.setattr(operating, "configure_logs", leave_alone)
    with closing(Rows(database_url)) as rows:
        [row] = rows.read(ADD, {"error": TROUBLE})
        yield Operator(rows, url_of(database_url), str(row["id"]))


def test_they_are_listed_and_nothing_in_them_is_obeyed_by_a_terminal(operator: Operator) -> None:
    operator.rows.change(ADD_FAILURE)

    status, said, complained = operator.run("status")

    assert (status, complained) == (0, "")
    [line] = [line for line in said.splitlines() if line.startswith(f"{operator.sync_id} ")]
    assert line.split()[1:6] == ["5001", "PullRequest", "pull_requests", "failed", "never"]
    assert "2126-01-01 00:00:00Z" in line
    assert "150 deletions are held" in line
    assert "owned" in line
    assert not set(TROUBLE) & set(said) - set("]0;owned 2J")
    assert said.splitlines()[-1] == "installation 5002: no such syncs"


def test_a_program_can_read_them(operator: Operator) -> None:
    operator.rows.change(ADD_FAILURE)
    operator.rows.change(SET_ASIDE, {"id": int(operator.sync_id)})

    _, said, _ = operator.run("status", "--json")

    document = json.loads(said)
    [sync] = document["syncs"]
    assert (sync["id"], sync["state"], sync["heldDeletions"]) == (int(operator.sync_id), "failed", 150)
    assert (sync["error"], sync["pulledAt"], sync["dueAt"]) == (TROUBLE, None, "2126-01-01T00:00:00+00:00")
    assert sync["recordsAside"] == 1
    assert document["failures"] == [{"installationId": 5002, "error": "no such syncs"}]


@pytest.mark.parametrize(("typed", "is_meant"), [("n\n", False), ("", False), ("y\n", True)])
def test_one_is_read_anew_for_those_who_mean_it(operator: Operator, typed: str, *, is_meant: bool) -> None:
    status, said, _ = operator.run("reset", operator.sync_id, typed=typed)

    assert "Read all PullRequest of installation 5001 anew?" in said
    assert (status == 0) is is_meant
    assert operator.row()["is_full_wanted"] is is_meant


def test_a_script_is_not_asked(operator: Operator) -> None:
    assert operator.run("reset", operator.sync_id, "--yes") == (0, f"{operator.sync_id} will be read anew\n", "")
    assert operator.row()["is_full_wanted"] is True


def test_deletions_that_are_held_are_listed(operator: Operator) -> None:
    _, said, _ = operator.run("fuse")

    assert said.splitlines()[1].split() == [operator.sync_id, "5001", "PullRequest", "pull_requests", "150"]


def test_they_are_carried_out_or_forgotten_once(operator: Operator) -> None:
    applied = operator.run("fuse", operator.sync_id, "--apply")
    assert applied == (0, f"{operator.sync_id} will be read anew, and what is not met deleted\n", "")
    assert operator.row()["may_delete"] is True

    assert operator.run("fuse", operator.sync_id, "--keep") == (0, f"{operator.sync_id} keeps its data\n", "")
    assert operator.row()["held_deletions"] is None

    refused = (1, "", f"latchkey: {operator.sync_id} has no deletions that are held\n")
    assert operator.run("fuse", operator.sync_id, "--apply") == refused


@pytest.mark.parametrize("command", [["reset", "4711", "--yes"], ["fuse", "4711", "--apply"]])
def test_what_is_not_there_is_one_line_and_a_status(operator: Operator, command: list[str]) -> None:
    assert operator.run(*command) == (1, "", "latchkey: there is no sync 4711\n")


@pytest.mark.parametrize("command", [["fuse", "4711"], ["fuse", "--keep"], ["fuse", "1", "--keep", "--apply"]])
def test_a_decision_is_one_of_two_about_one(operator: Operator, command: list[str]) -> None:
    assert operator.run(*command)[0] == 2
