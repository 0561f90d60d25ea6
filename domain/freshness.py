"""How current what is shown of a repository is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.sync import Sync

NEVER_READ: Final = datetime.min.replace(tzinfo=UTC)
SOURCE_FAILURE_COUNTS: Final = timedelta(days=1)
SOURCE_FAILED: Final = "Nango's sync failed: an operator sees why with `latchkey sync status`"


class FreshnessState(StrEnum):
    NEVER = "never"
    """Nothing was read of that repository, and nothing was arranged for it."""
    PULLING = "pulling"
    FRESH = "fresh"
    """All was read that the source had told of."""
    FAILED = "failed"
    HELD = "held"
    """Deletions wait for an operator's word, as they are suspiciously many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """Since when an installation's syncs have been told to read a repository, if they have.

    `error` is why nothing new could be arranged with them.
    """

    told_since: datetime | None = None
    error: str | None = None

    def covers(self, moment: datetime | None) -> bool:
        return moment is not None and self.told_since is not None and moment >= self.told_since


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How many records the reading under way has read, and of how many, as far as that is known."""

    records: int
    expected: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """Of one kind of rows, in one repository.

    `rows` are counted as far as a limit. `lag` is since the last complete reading began; `error` is in words for
    people. Nango's syncs read all of an installation at once, and so much `progress` and `held_deletions` count then.
    """

    state: FreshnessState
    rows: int
    pulled_at: datetime | None = None
    lag: timedelta | None = None
    error: str | None = None
    progress: Progress | None = None
    held_deletions: int = 0

    @classmethod
    def of(cls, syncs: Sequence[Sync], rows: int, now: datetime, arrangement: Arrangement) -> "Freshness":
        """Judge by whichever was read last: what else once brought records may have been given up.

        A reading that began before the installation's syncs were told of the repository was not about it.
        """
        held = sum(sync.held_deletions or 0 for sync in syncs)
        refusal = arrangement.error
        refused = (
            None if refusal is None else f"What is to be read could not be arranged, and is tried again: {refusal}"
        )
        if not syncs:
            state = FreshnessState.NEVER if refused is None else FreshnessState.FAILED
            return cls(state=state, rows=rows, error=refused)
        about = [about_repository(sync, arrangement) for sync in syncs]
        sync = max(about, key=lambda one: (one.pulled_at or NEVER_READ, is_under_way(one, now), one.id))
        error = error_of(sync, now) or refused
        return cls(
            state=state_of(sync, held, now, arrangement) if error is None else FreshnessState.FAILED,
            rows=rows,
            pulled_at=sync.pulled_at,
            lag=None if sync.pulled_at is None else max(now - sync.pulled_at, timedelta(0)),
            error=error,
            progress=Progress(records=sync.run.records, expected=sync.run.expected) if sync.run else None,
            held_deletions=held,
        )


def about_repository(sync: Sync, arrangement: Arrangement) -> Sync:
    """Leave out what an installation's sync read before it was told of the repository."""
    if sync.repository_id is not None:
        return sync
    is_about = sync.run is not None and arrangement.covers(sync.run.began_at)
    return replace(
        sync,
        run=sync.run if is_about else None,
        pulled_at=sync.pulled_at if arrangement.covers(sync.pulled_at) else None,
    )


def state_of(sync: Sync, held_deletions: int, now: datetime, arrangement: Arrangement) -> FreshnessState:
    """Tell the state of one that has not failed."""
    if sync.repository_id is None and sync.pulled_at is None:
        return FreshnessState.NEVER if arrangement.told_since is None else FreshnessState.PULLING
    if held_deletions:
        return FreshnessState.HELD
    if is_under_way(sync, now):
        return FreshnessState.PULLING
    return FreshnessState.NEVER if sync.pulled_at is None else FreshnessState.FRESH


def is_under_way(sync: Sync, now: datetime) -> bool:
    """Tell whether it is being read, or about to be."""
    return sync.run is not None or sync.due_at <= now


def error_of(sync: Sync, now: datetime) -> str | None:
    """Say what went wrong; our own failure first, as it hides whatever the source has since done.

    What Nango once said of a failure does not count for ever: it says nothing of runs that changed nothing.

    What Nango says may name any repository of the installation, to people who must not know of it.
    """
    if sync.error is not None:
        return f"Reading the synced records failed, and is tried again: {sync.error}"
    if sync.source_failed_at is not None and now < sync.source_failed_at + SOURCE_FAILURE_COUNTS:
        return SOURCE_FAILED
    return None
