"""Where what Nango lists and what we know differ, and what would heal it. Nothing is asked and nothing changed here."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.attempt import Attempt, AttemptState, Door
from domain.connection import Connection, ConnectionId, ConnectionKind, ConnectionState, EndUserId, ListedConnection
from domain.user import UserId

MOST_UNLISTED: Final = 20
# A connection younger than this may be on its way into our rows. Nothing is safe only because of it: clocks differ.
GRACE: Final = timedelta(minutes=2)


class FindingKind(StrEnum):
    """In the order of healing: people who wait come first, what is read back decides over what is deleted."""

    COMPLETE = "complete"
    RECHECK = "recheck"
    REASSIGN = "reassign"
    APPROVAL = "approval"
    REREAD = "reread"
    ADOPT = "adopt"
    DELETE = "delete"
    REVISIT = "revisit"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A difference as it was `seen_at`, when the listing began; it is looked at again before anything is done.

    `integration` says whose connection it is about: a login's, or an installation's.
    """

    kind: FindingKind
    connection_id: ConnectionId
    end_user_id: EndUserId | None
    reason: str
    seen_at: datetime
    checked_at: datetime | None = None
    integration: ConnectionKind = ConnectionKind.LOGIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What we know of a listed connection: its row, and the attempt and the user that its end user names.

    `owner` is that user, or the one that the attempt made; `current` is the owner's login connection. Of one that has a
    row, only the row counts.
    """

    row: Connection | None = None
    attempt: Attempt | None = None
    owner: UserId | None = None
    current: Connection | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Judges what a listing that began at `began_at` shows."""

    began_at: datetime
    is_bound_by_cookie: bool

    def judge(self, listed: ListedConnection, known: Known) -> Finding | None:
        """Say what is wrong about a listed connection; None if nothing is, or somebody is at it."""
        if known.row is not None:
            verdict = self._of_row(listed, known.row)
        elif known.attempt is not None and not known.attempt.is_done:
            verdict = unfinished(known.attempt, self.began_at, is_bound_by_cookie=self.is_bound_by_cookie)
        elif known.owner is not None:
            verdict = self._of_stray(listed, known.current)
        else:
            verdict = FindingKind.FOREIGN, "its end user is nobody of ours: it is left alone"
        if verdict is None:
            return None
        kind, reason = verdict
        return Finding(
            kind=kind,
            connection_id=listed.id,
            end_user_id=listed.end_user_id,
            reason=reason,
            seen_at=self.began_at,
            checked_at=known.row.checked_at if known.row else None,
        )

    def is_of_another_environment(self, rows: int, unlisted: int) -> bool:
        """Tell whether so many of our rows are not listed that we rather look at somebody else's connections."""
        return unlisted > max(MOST_UNLISTED, rows // 2)

    def judge_unlisted(self, row: Connection) -> Finding | None:
        """Say what is wrong about a row whose connection was not listed."""
        if row.state is ConnectionState.RETIRED:
            reason = "it was replaced and Nango does not list it: only its row is left"
        elif row.checked_at < self.began_at:
            reason = "Nango does not list it any more"
        else:
            return None
        return Finding(
            kind=FindingKind.RECHECK,
            connection_id=row.id,
            end_user_id=None,
            reason=reason,
            seen_at=self.began_at,
            checked_at=row.checked_at,
        )

    def _of_row(self, listed: ListedConnection, row: Connection) -> tuple[FindingKind, str] | None:
        if row.state is ConnectionState.RETIRED:
            return FindingKind.DELETE, "it was replaced, and is still there"
        if row.checked_at >= self.began_at:
            return None
        if listed.has_errors:
            return (FindingKind.RECHECK, "Nango reports errors of it") if row.state is ConnectionState.LIVE else None
        if listed.end_user_id != str(row.user_id) and not self._is_young(listed):
            return FindingKind.REASSIGN, "Nango has another end user for it than its user"
        if row.state is ConnectionState.BROKEN:
            return FindingKind.REVISIT, "it is broken here, and Nango reports no errors of it"
        return None

    def _of_stray(self, listed: ListedConnection, current: Connection | None) -> tuple[FindingKind, str] | None:
        if self._is_young(listed):
            return None
        if current is not None and current.state is ConnectionState.LIVE:
            return FindingKind.DELETE, "its user has another login connection"
        if listed.has_errors:
            return None
        return FindingKind.ADOPT, "its user has no login connection that works"

    def _is_young(self, listed: ListedConnection) -> bool:
        return listed.created_at > self.began_at - GRACE


def unfinished(attempt: Attempt, at: datetime, *, is_bound_by_cookie: bool) -> tuple[FindingKind, str] | None:
    """Say what is wrong about a connection whose attempt is not done."""
    is_waiting = is_bound_by_cookie and attempt.state is AttemptState.OPEN and attempt.door is Door.CONNECT_UI
    # A lease of an attempt that is bound by cookie only says when its browser asks again.
    if is_waiting and not attempt.is_expired(at):
        return FindingKind.COMPLETE, "its attempt waits for no callback, and no webhook came"
    if attempt.is_leased(at):
        return None
    if attempt.state in {AttemptState.FAILING, AttemptState.FAILED}:
        return FindingKind.DELETE, "its attempt failed"
    if attempt.is_expired(at):
        return FindingKind.DELETE, "its attempt was never finished"
    if attempt.state is AttemptState.PASSING:
        return FindingKind.COMPLETE, "its attempt was interrupted"
    return None
