"""What is read of one model of records: where it stands, and what to read next."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NewType

from domain.connection import ConnectionId
from domain.installation import InstallationId
from domain.repository import RepositoryId

SyncId = NewType("SyncId", int)


class ReplicaKind(StrEnum):
    """What the replica is of; a closed set, as it labels metrics and names routes."""

    PULL_REQUESTS = "pulls"
    COMMITS = "commits"
    ISSUES = "issues"


class SyncSource(StrEnum):
    """Where the records are read."""

    NANGO = "nango"
    """Nango's own store of records, which its syncs fill."""
    PROXY = "proxy"
    """GitHub's lists, through Nango's proxy."""


# The models of Nango's integration templates, of both families.
MODELS: Final = {
    "GithubPullRequest": ReplicaKind.PULL_REQUESTS,
    "PullRequest": ReplicaKind.PULL_REQUESTS,
    "GithubCommit": ReplicaKind.COMMITS,
    "Commit": ReplicaKind.COMMITS,
    "GithubIssue": ReplicaKind.ISSUES,
    "Issue": ReplicaKind.ISSUES,
}
# A list read through the proxy has no model in Nango, and its variant is the repository's id.
PROXIED: Final = {f"proxy:{kind}": kind for kind in ReplicaKind}
BASE_VARIANT: Final = "base"
# Of one model in an installation: webhooks make up as many as anybody likes, and each is read on its own from then on.
MOST_VARIANTS: Final = 10
LONGEST_VARIANT: Final = 100
FIRST_RETRY: Final = timedelta(seconds=5)
LONGEST_RETRY: Final = timedelta(minutes=30)
# Whatever was missed is found by this.
FULLY_EVERY: Final = timedelta(days=7)
# Between two runs that webhooks cause, which anybody can have sent; and between two that read anew what was read.
HEARD_EVERY: Final = timedelta(seconds=30)
RESTARTED_EVERY: Final = timedelta(minutes=10)
# Between two that read all anew, if Nango does not say whether it did.
FULLY_HEARD_EVERY: Final = timedelta(days=1)
# How far back a webhook may have a run begin.
HEARD_SINCE: Final = timedelta(days=1)
# Nango takes no older `modified_after` than twelve months.
OLDEST_RESTART: Final = timedelta(days=360)


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncKey:
    """`model` is Nango's, or one of `PROXIED`."""

    connection_id: ConnectionId
    model: str
    variant: str = BASE_VARIANT

    @property
    def kind(self) -> ReplicaKind:
        """Tell what its records are; raises `KeyError` for a model that is not replicated."""
        return PROXIED.get(self.model) or MODELS[self.model]

    @property
    def source(self) -> SyncSource:
        return SyncSource.PROXY if self.model in PROXIED else SyncSource.NANGO


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a page begins: behind a cursor, or with what changed at a moment or later; or at the very beginning."""

    cursor: str | None = None
    modified_after: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One reading from a position to the end of the list, page by page, by one process after the other.

    A full one begins at the beginning, or goes on from a moment until which it has met all; what it does not meet is
    gone. `records` counts what was read of `expected`.
    With `may_delete` an operator has said that any number of deletions is right.
    """

    began_at: datetime
    is_full: bool = False
    may_delete: bool = False
    start: Position = Position()
    cursor: str | None = None
    through: datetime | None = None
    records: int = 0
    expected: int | None = None

    @property
    def position(self) -> Position:
        return self.start if self.cursor is None else Position(cursor=self.cursor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync:
    """The records of one model, read through one connection; of one repository alone where GitHub's lists are read.

    `claim` tells who has claimed it from who did before. `through` is when the record at `cursor` was last modified.
    `error` is why reading failed, `source_error` what Nango said of its own sync. `held_deletions` counts those that
    were too many at once, until an operator decides.
    """

    id: SyncId
    key: SyncKey
    installation_id: InstallationId
    repository_id: RepositoryId | None = None
    name: str | None = None
    due_at: datetime
    claim: int = 0
    cursor: str | None = None
    through: datetime | None = None
    run: Run | None = None
    pulled_at: datetime | None = None
    pulled_fully_at: datetime | None = None
    tries: int = 0
    error: str | None = None
    failed_at: datetime | None = None
    source_error: str | None = None
    source_failed_at: datetime | None = None
    held_deletions: int | None = None

    def page_read(self, cursor: str | None, through: datetime | None, records: int) -> "Sync":
        """Go on behind a page; one without records has no cursor, and changes nothing."""
        run = self.the_run
        return replace(
            self,
            run=replace(
                run,
                cursor=cursor or run.cursor,
                through=through or run.through,
                records=run.records + records,
            ),
            tries=0,
            error=None,
        )

    def restarted(self, now: datetime) -> "Sync":
        """Give up a cursor that the source does not take, and read what it may have stood for again.

        A full run goes on from what it has met itself: a source that takes none of its own cursors is still read.
        """
        run = self.the_run
        through = run.through if run.is_full else run.through or self.through
        is_lost = through is None or through < now - OLDEST_RESTART
        start = Position() if is_lost else Position(modified_after=through)
        return replace(self, cursor=None, run=replace(run, start=start, cursor=None))

    def run_ended(self, next_due_at: datetime, held_deletions: int | None) -> "Sync":
        """Be where the run came to."""
        run = self.the_run
        return replace(
            self,
            due_at=next_due_at,
            cursor=run.cursor or self.cursor,
            through=run.through or self.through,
            run=None,
            pulled_at=run.began_at,
            pulled_fully_at=run.began_at if run.is_full else self.pulled_fully_at,
            tries=0,
            error=None,
            held_deletions=held_deletions,
        )

    def failed(self, error: str, now: datetime, retry_after: timedelta | None) -> "Sync":
        """Try the same page later."""
        pause = min(FIRST_RETRY * 2 ** min(self.tries, 20), LONGEST_RETRY)
        due_at = now + max(pause, retry_after or timedelta(0))
        return replace(self, due_at=due_at, tries=self.tries + 1, error=error, failed_at=now)

    def postponed(self, until: datetime) -> "Sync":
        """Go on later, as nothing is wrong: there are just no calls left."""
        return replace(self, due_at=until)

    @property
    def the_run(self) -> Run:
        if self.run is None:
            raise ValueError("no run is under way")
        return self.run


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncNews:
    """What a delivery says of a sync; it only causes a reading.

    `began_at` is when Nango's run began, `changes` how many records it changed. If Nango may have read all anew, so is
    all here, unless it was for so short a time as `full_after`.
    """

    key: SyncKey
    installation_id: InstallationId
    name: str | None = None
    began_at: datetime | None = None
    full_after: timedelta | None = None
    changes: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fuse:
    """How many deletions at once are too many to be believed: more than so many, and more than this part of all."""

    rows: int = 100
    part: float = 0.5

    def is_blown(self, deletions: int, rows: int) -> bool:
        return deletions > self.rows and deletions > rows * self.part


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPage:
    """A page of records as the source gave them: a JSON array, each with `_nango_metadata`.

    `cursor` is where the next page, or the next run, begins, and `through` until when all is read then. Of Nango's
    records they are those of the last one, and None if there is none; of GitHub's lists also an empty page has them.
    """

    records: bytes
    count: int
    cursor: str | None
    through: datetime | None
    is_last: bool
