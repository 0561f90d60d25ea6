"""A member of an organisation asked for the App, and an owner has not yet answered."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from domain.attempt import AttemptId
from domain.connection import ConnectionId
from domain.installation import Installation, InstallationId
from domain.user import UserId

ApprovalRequestId = NewType("ApprovalRequestId", UUID)

# GitHub does not say that an owner declined.
EXPIRES_AFTER: Final = timedelta(days=30)


class ApprovalState(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    EXPIRED = "expired"
    """Declined, or not answered: GitHub tells neither."""


MOVES: Final = {
    ApprovalState.REQUESTED: {ApprovalState.APPROVED, ApprovalState.EXPIRED},
    # An owner may answer late.
    ApprovalState.EXPIRED: {ApprovalState.APPROVED},
    ApprovalState.APPROVED: set[ApprovalState](),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalMove:
    """One line of a request's history."""

    state: ApprovalState
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRequest:
    """Who asked, when, and for which account, once GitHub lists it.

    `connection_id` is the person's temporary connection, kept as long as the request waits. `known` are the
    installations that GitHub listed for them when they asked: an approval shows as another one.
    """

    id: ApprovalRequestId
    user_id: UserId
    attempt_id: AttemptId
    connection_id: ConnectionId
    known: frozenset[InstallationId]
    state: ApprovalState
    requested_at: datetime
    account_id: int | None = None
    account: str | None = None
    installation_id: InstallationId | None = None
    history: tuple[ApprovalMove, ...] = field(default=())

    @property
    def is_waiting(self) -> bool:
        return self.state is ApprovalState.REQUESTED

    def is_answered_by(self, installation: Installation, own_account: int) -> bool:
        """Tell whether an installation that GitHub lists for the person may be the one they asked for.

        On their own account nobody has to approve it.
        """
        if installation.id in self.known or installation.account_id == own_account:
            return False
        return self.account_id in {None, installation.account_id}

    def approved(self, installation: Installation, at: datetime) -> "ApprovalRequest":
        return replace(
            self._moved(ApprovalState.APPROVED, at, f"the App is installed on {installation.account}"),
            account_id=installation.account_id,
            account=installation.account,
            installation_id=installation.id,
        )

    def moved(self, state: ApprovalState, at: datetime, reason: str) -> "ApprovalRequest":
        return self._moved(state, at, reason)

    def is_overdue(self, at: datetime) -> bool:
        return self.is_waiting and at >= self.requested_at + EXPIRES_AFTER

    def _moved(self, state: ApprovalState, at: datetime, reason: str) -> "ApprovalRequest":
        if state not in MOVES[self.state]:
            return self
        return replace(self, state=state, history=(*self.history, ApprovalMove(state=state, at=at, reason=reason)))


def answered(
    asked: Sequence[ApprovalRequest], proven: Sequence[Installation], own_account: int, at: datetime
) -> tuple[ApprovalRequest, ...]:
    """Match all of a person's requests with the installations that GitHub lists now; each answers one.

    Those that wait come before those that an owner may answer late.
    """
    taken = {one.installation_id for one in asked if one.state is ApprovalState.APPROVED}
    open_ones = [one for one in asked if ApprovalState.APPROVED in MOVES[one.state]]
    moved: list[ApprovalRequest] = []
    # Those that name their account first: they fit only one. Then the oldest.
    for request in sorted(open_ones, key=lambda one: (not one.is_waiting, one.account_id is None, one.requested_at)):
        answer = next((one for one in proven if one.id not in taken and request.is_answered_by(one, own_account)), None)
        if answer is not None:
            taken.add(answer.id)
            moved.append(request.approved(answer, at))
    return tuple(moved)
