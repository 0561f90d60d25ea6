"""How current the synced data of a repository is, as it is said to its readers."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from domain.freshness import Freshness, FreshnessState, Progress
from domain.sync import ReplicaKind


class ProgressResponse(msgspec.Struct, frozen=True):
    """`expected` is null as long as nobody knows, and may turn out too low."""

    records: int
    expected: int | None

    @classmethod
    def of(cls, progress: Progress) -> "ProgressResponse":
        return cls(records=progress.records, expected=progress.expected)


class FreshnessResponse(msgspec.Struct, frozen=True, rename="camel"):
    """`lagSeconds` is since the last complete reading began, at `pulledAt`; `rows` is counted up to 10,000.

    `error` says why a `failed` one failed. Of a `held` one so many deletions wait for an operator's word. `progress`
    and `heldDeletions` count the whole installation, which Nango's syncs read at once, unless GitHub's lists are read.
    """

    state: FreshnessState
    rows: int
    pulled_at: datetime | None
    lag_seconds: int | None
    error: str | None
    progress: ProgressResponse | None
    held_deletions: int

    @classmethod
    def of(cls, freshness: Freshness) -> "FreshnessResponse":
        return cls(
            state=freshness.state,
            rows=freshness.rows,
            pulled_at=freshness.pulled_at,
            lag_seconds=None if freshness.lag is None else int(freshness.lag.total_seconds()),
            error=freshness.error,
            progress=None if freshness.progress is None else ProgressResponse.of(freshness.progress),
            held_deletions=freshness.held_deletions,
        )


class SyncResponse(msgspec.Struct, frozen=True):
    pulls: FreshnessResponse
    commits: FreshnessResponse
    issues: FreshnessResponse

    @classmethod
    def of(cls, freshness: Mapping[ReplicaKind, Freshness]) -> "SyncResponse":
        return cls(**{kind.value: FreshnessResponse.of(one) for kind, one in freshness.items()})
