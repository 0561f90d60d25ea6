"""Where what Nango lists of the repository integration and what we know differ, and what would heal it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.approval import ApprovalRequest
from domain.attempt import Attempt
from domain.connection import ConnectionId, ConnectionKind, ConnectionState, EndUserId, ListedConnection
from domain.installation import Installation, InstallationConnection, connection_of, holder_of
from domain.reconcile import GRACE, Finding, FindingKind, unfinished

# How old what we know of an installation may grow while no event comes.
REREAD_AFTER: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownInstallation:
    """What we know of a listed connection: its row, who asked an owner with it, and the attempt that made it.

    `is_relied_on`: somebody has a proof of the row's installation. `held_for` is the installation that its end user
    names, if somebody has a proof there.
    """

    row: InstallationConnection | None = None
    is_relied_on: bool = True
    request: ApprovalRequest | None = None
    attempt: Attempt | None = None
    held_for: Installation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationComparison:
    """Judges what a listing that began at `began_at` shows."""

    began_at: datetime
    is_bound_by_cookie: bool

    def judge(self, listed: ListedConnection, known: KnownInstallation) -> Finding | None:
        """Say what is wrong about a listed connection; None if nothing is, or somebody is at it."""
        verdict = self._verdict(listed, known)
        checked_at = known.row.checked_at if known.row else None
        return verdict and self._finding(*verdict, listed.id, listed.end_user_id, checked_at)

    def judge_unlisted(self, row: InstallationConnection) -> Finding | None:
        """Say what is wrong about a row whose connection was not listed."""
        if row.checked_at >= self.began_at:
            return None
        return self._finding(
            FindingKind.RECHECK, "Nango does not list it any more", row.id, row.end_user_id, row.checked_at
        )

    def judge_installation(self, installation: Installation, read_at: datetime | None) -> Finding | None:
        """Say whether what we know of an installation is too old."""
        if read_at is not None and read_at > self.began_at - REREAD_AFTER:
            return None
        connection_id, holder = connection_of(installation.id), holder_of(installation.id)
        return self._finding(FindingKind.REREAD, "it was not read for long", connection_id, holder, read_at)

    def judge_request(self, request: ApprovalRequest) -> Finding:
        """Say that a request waits: nobody may have told us of the answer."""
        reason = "its person waits for an owner's approval"
        return self._finding(FindingKind.APPROVAL, reason, request.connection_id, None, request.requested_at)

    def _verdict(self, listed: ListedConnection, known: KnownInstallation) -> tuple[FindingKind, str] | None:
        if known.row is not None:
            return self._of_row(listed, known.row, is_relied_on=known.is_relied_on)
        if known.attempt is not None and not known.attempt.is_done:
            return unfinished(known.attempt, self.began_at, is_bound_by_cookie=self.is_bound_by_cookie)
        is_waiting = known.request is not None and known.request.is_waiting
        if is_waiting or listed.created_at > self.began_at - GRACE:
            return None
        if known.attempt is not None or known.request is not None:
            return FindingKind.DELETE, "its attempt is finished, and nothing relies on it"
        if known.held_for is not None:
            return FindingKind.ADOPT, "it is an installation's, and its row is lost"
        return FindingKind.FOREIGN, "its end user is nobody of ours: it is left alone"

    def _of_row(
        self, listed: ListedConnection, row: InstallationConnection, *, is_relied_on: bool
    ) -> tuple[FindingKind, str] | None:
        if row.state is ConnectionState.RETIRED:
            return FindingKind.DELETE, "it was replaced, or nobody relies on it, and is still there"
        if not is_relied_on and row.checked_at < self.began_at - GRACE:
            return FindingKind.DELETE, "nobody has a proof there any more"
        return None if row.checked_at >= self.began_at else self._of_current_row(listed, row)

    def _of_current_row(self, listed: ListedConnection, row: InstallationConnection) -> tuple[FindingKind, str] | None:
        if listed.has_errors:
            return (FindingKind.RECHECK, "Nango reports errors of it") if row.state is ConnectionState.LIVE else None
        is_young = listed.created_at > self.began_at - GRACE
        if listed.end_user_id != holder_of(row.installation_id) and not is_young:
            return FindingKind.REASSIGN, "Nango has another end user for it than its holder"
        if row.state is ConnectionState.BROKEN:
            return FindingKind.REVISIT, "it is broken here, and Nango reports no errors of it"
        return None

    def _finding(
        self,
        kind: FindingKind,
        reason: str,
        connection_id: ConnectionId,
        end_user_id: EndUserId | None,
        checked_at: datetime | None,
    ) -> Finding:
        return Finding(
            kind=kind,
            connection_id=connection_id,
            end_user_id=end_user_id,
            reason=reason,
            seen_at=self.began_at,
            checked_at=checked_at,
            integration=ConnectionKind.REPOSITORY,
        )
