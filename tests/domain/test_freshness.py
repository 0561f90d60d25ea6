"""What is said of how current synced data is."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from domain.connection import ConnectionId
from domain.freshness import SOURCE_FAILED, Freshness, FreshnessState, Progress
from domain.installation import InstallationId
from domain.sync import Run, Sync, SyncId, SyncKey
from tests.fakes.clock import NOON

MINUTE: Final = timedelta(minutes=1)
NEW: Final = Sync(
    id=SyncId(1),
    key=SyncKey(connection_id=ConnectionId("acme"), model="GithubPullRequest"),
    installation_id=InstallationId(5001),
    due_at=NOON + MINUTE,
)
PULLED: Final = replace(NEW, pulled_at=NOON - MINUTE)
RUN: Final = Run(began_at=NOON, records=30, expected=120)


def state_of(*syncs: Sync) -> FreshnessState:
    return Freshness.of(syncs, 0, NOON).state


@pytest.mark.parametrize(
    ("sync", "state"),
    [
        (NEW, FreshnessState.NEVER),
        (replace(NEW, due_at=NOON), FreshnessState.PULLING),
        (replace(NEW, run=RUN), FreshnessState.PULLING),
        (PULLED, FreshnessState.FRESH),
        (replace(PULLED, due_at=NOON), FreshnessState.PULLING),
        (replace(PULLED, error="no answer"), FreshnessState.FAILED),
        (replace(PULLED, source_error="no answer"), FreshnessState.FAILED),
        (replace(PULLED, error="no answer", run=RUN, held_deletions=300), FreshnessState.FAILED),
        (replace(PULLED, held_deletions=300), FreshnessState.HELD),
        (replace(PULLED, held_deletions=300, run=RUN), FreshnessState.HELD),
    ],
)
def test_it_has_one_state(sync: Sync, state: FreshnessState) -> None:
    assert state_of(sync) is state


def test_what_no_sync_brings_was_never_read() -> None:
    assert Freshness.of([], 7, NOON) == Freshness(state=FreshnessState.NEVER, rows=7)


def test_the_lag_is_since_the_last_complete_reading_began_and_never_negative() -> None:
    assert Freshness.of([PULLED], 0, NOON).lag == MINUTE
    assert Freshness.of([replace(PULLED, pulled_at=NOON + MINUTE)], 0, NOON).lag == timedelta(0)
    assert Freshness.of([NEW], 0, NOON).lag is None


def test_the_error_says_whose_it_is_and_ours_comes_first() -> None:
    ours, both = "Reading the synced records failed, and is tried again: no answer", replace(PULLED, error="no answer")

    assert Freshness.of([both], 0, NOON).error == ours
    assert Freshness.of([replace(both, source_error="a bug")], 0, NOON).error == ours
    assert Freshness.of([replace(PULLED, source_error="a bug")], 0, NOON).error == SOURCE_FAILED


def test_what_nango_says_of_one_repository_is_not_told_to_the_readers_of_another() -> None:
    told = Freshness.of([replace(PULLED, source_error="404 for acme/secret-plans")], 0, NOON)

    assert "secret-plans" not in str(told)


def test_what_could_not_be_arranged_is_said_unless_something_worse_is() -> None:
    words = "What is to be read could not be arranged, and is tried again: Nango has no such syncs"
    refusal = "Nango has no such syncs"

    assert Freshness.of([], 7, NOON, refusal) == Freshness(state=FreshnessState.FAILED, rows=7, error=words)
    assert Freshness.of([PULLED], 7, NOON, refusal).state is FreshnessState.FAILED
    assert Freshness.of([PULLED], 7, NOON, refusal).error == words
    assert Freshness.of([replace(PULLED, source_error="a bug")], 7, NOON, refusal).error == SOURCE_FAILED


def test_progress_is_told_while_there_is_a_run() -> None:
    assert Freshness.of([replace(NEW, run=RUN)], 0, NOON).progress == Progress(records=30, expected=120)
    assert Freshness.of([PULLED], 0, NOON).progress is None


def test_whichever_sync_was_read_last_is_judged_and_none_hides_held_deletions() -> None:
    given_up = replace(PULLED, id=SyncId(2), pulled_at=NOON - timedelta(days=9), error="gone")
    never = replace(NEW, id=SyncId(3), source_error="no permission")

    assert state_of(given_up, PULLED, never) is FreshnessState.FRESH
    assert state_of(replace(given_up, held_deletions=200), PULLED) is FreshnessState.HELD
    assert state_of(NEW, replace(NEW, id=SyncId(4), run=RUN)) is FreshnessState.PULLING
