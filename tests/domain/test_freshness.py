"""What is said of how current synced data is."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from domain.connection import ConnectionId
from domain.freshness import SOURCE_FAILED, SOURCE_FAILURE_COUNTS, Arrangement, Freshness, FreshnessState, Progress
from domain.installation import InstallationId
from domain.repository import RepositoryId
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
TOLD: Final = Arrangement(told_since=NOON - MINUTE)
NEWLY_TOLD: Final = Arrangement(told_since=NOON - MINUTE / 2)
UNTOLD: Final = Arrangement()


def freshness_of(*syncs: Sync, arrangement: Arrangement = TOLD) -> Freshness:
    return Freshness.of(syncs, 7, NOON, arrangement)


def state_of(*syncs: Sync, arrangement: Arrangement = TOLD) -> FreshnessState:
    return freshness_of(*syncs, arrangement=arrangement).state


@pytest.mark.parametrize(
    ("sync", "state"),
    [
        (NEW, FreshnessState.PULLING),
        (replace(NEW, due_at=NOON), FreshnessState.PULLING),
        (replace(NEW, run=RUN), FreshnessState.PULLING),
        (PULLED, FreshnessState.FRESH),
        (replace(PULLED, due_at=NOON), FreshnessState.PULLING),
        (replace(PULLED, error="no answer"), FreshnessState.FAILED),
        (replace(PULLED, source_error="no answer", source_failed_at=NOON), FreshnessState.FAILED),
        (replace(PULLED, error="no answer", run=RUN, held_deletions=300), FreshnessState.FAILED),
        (replace(PULLED, held_deletions=300), FreshnessState.HELD),
        (replace(PULLED, held_deletions=300, run=RUN), FreshnessState.HELD),
    ],
)
def test_it_has_one_state(sync: Sync, state: FreshnessState) -> None:
    assert state_of(sync) is state


def test_what_no_sync_brings_was_never_read() -> None:
    assert freshness_of() == Freshness(state=FreshnessState.NEVER, rows=7)


@pytest.mark.parametrize(("arrangement", "state"), [(UNTOLD, "never"), (NEWLY_TOLD, "pulling")])
def test_what_was_read_before_a_sync_was_told_of_a_repository_was_not_about_it(
    arrangement: Arrangement, state: str
) -> None:
    during = replace(PULLED, run=replace(RUN, began_at=NOON - MINUTE), held_deletions=200)

    for sync in (PULLED, replace(PULLED, due_at=NOON), during):
        told = freshness_of(sync, arrangement=arrangement)
        assert (told.state, told.pulled_at, told.lag, told.progress) == (FreshnessState(state), None, None, None)


def test_what_began_to_be_read_after_that_is_about_it() -> None:
    told = freshness_of(replace(PULLED, run=RUN), arrangement=NEWLY_TOLD)

    assert (told.state, told.progress) == (FreshnessState.PULLING, Progress(records=30, expected=120))
    assert state_of(replace(PULLED, pulled_at=NOON), arrangement=NEWLY_TOLD) is FreshnessState.FRESH


def test_a_list_of_githubs_is_read_of_one_repository_alone_and_nobody_is_told() -> None:
    listed = replace(PULLED, repository_id=RepositoryId(1), key=replace(NEW.key, model="proxy:pulls", variant="1"))

    assert state_of(listed, arrangement=UNTOLD) is FreshnessState.FRESH
    assert state_of(replace(listed, pulled_at=None), arrangement=UNTOLD) is FreshnessState.NEVER
    assert state_of(replace(listed, pulled_at=None, run=RUN), arrangement=UNTOLD) is FreshnessState.PULLING


def test_the_lag_is_since_the_last_complete_reading_began_and_never_negative() -> None:
    assert freshness_of(PULLED).lag == MINUTE
    assert freshness_of(replace(PULLED, pulled_at=NOON + MINUTE)).lag == timedelta(0)
    assert freshness_of(NEW).lag is None


def test_the_error_says_whose_it_is_and_ours_comes_first() -> None:
    ours, both = "Reading the synced records failed, and is tried again: no answer", replace(PULLED, error="no answer")

    assert freshness_of(both).error == ours
    assert freshness_of(replace(both, source_error="a bug", source_failed_at=NOON)).error == ours
    assert freshness_of(replace(PULLED, source_error="a bug", source_failed_at=NOON)).error == SOURCE_FAILED


def test_what_nango_says_of_one_repository_is_not_told_to_the_readers_of_another() -> None:
    told = freshness_of(replace(PULLED, source_error="404 for acme/secret-plans", source_failed_at=NOON))

    assert "secret-plans" not in str(told)


def test_what_nango_said_of_a_failure_does_not_count_for_ever() -> None:
    failed = replace(PULLED, source_error="a bug", source_failed_at=NOON - SOURCE_FAILURE_COUNTS)

    assert state_of(failed) is FreshnessState.FRESH


def test_what_could_not_be_arranged_is_said_unless_something_worse_is() -> None:
    words = "What is to be read could not be arranged, and is tried again: Nango has no such syncs"
    refused = replace(TOLD, error="Nango has no such syncs")

    assert freshness_of(arrangement=refused) == Freshness(state=FreshnessState.FAILED, rows=7, error=words)
    assert freshness_of(PULLED, arrangement=refused).state is FreshnessState.FAILED
    assert freshness_of(PULLED, arrangement=refused).error == words
    assert (
        freshness_of(replace(PULLED, source_error="a bug", source_failed_at=NOON), arrangement=refused).error
        == SOURCE_FAILED
    )


def test_progress_is_told_while_there_is_a_run() -> None:
    assert freshness_of(replace(NEW, run=RUN)).progress == Progress(records=30, expected=120)
    assert freshness_of(PULLED).progress is None


def test_whichever_sync_was_read_last_is_judged_and_none_hides_held_deletions() -> None:
    given_up = replace(PULLED, id=SyncId(2), pulled_at=NOON - timedelta(days=9), error="gone")
    never = replace(NEW, id=SyncId(3), source_error="no permission", source_failed_at=NOON)

    assert state_of(given_up, PULLED, never) is FreshnessState.FRESH
    assert state_of(replace(given_up, held_deletions=200), PULLED) is FreshnessState.HELD
    assert state_of(NEW, replace(NEW, id=SyncId(4), run=RUN)) is FreshnessState.PULLING
