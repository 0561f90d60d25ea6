"""One browser's try to sign in, or a signed-in person's try to connect repositories."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hmac import compare_digest
from typing import Final, NewType
from uuid import UUID

from domain.connection import ConnectionId, EndUserId
from domain.installation import InstallationId
from domain.return_to import ReturnTo
from domain.secret import Secret, SecretHash
from domain.user import UserId

AttemptId = NewType("AttemptId", UUID)


LIFETIME: Final = timedelta(minutes=15)
# Longer than Nango may take to answer the callback.
LEASE: Final = timedelta(seconds=20)
# How long Nango is given to show a connection after the callback was passed on.
GIVE_UP_AFTER: Final = timedelta(seconds=60)
# After a failure of Nango or GitHub, or a sweep.
SHORTEST_REST: Final = timedelta(seconds=3)
SWEEP_REST: Final = timedelta(minutes=5)


class Purpose(StrEnum):
    LOGIN = "login"
    LINK = "link"


class LinkOutcome(StrEnum):
    """What a finished link attempt came to."""

    LINKED = "linked"
    NOTHING_PROVEN = "nothing_proven"
    PENDING_APPROVAL = "pending_approval"


class Door(StrEnum):
    REDIRECT = "redirect"
    CONNECT_UI = "connect_ui"


class AttemptState(StrEnum):
    OPEN = "open"
    PASSING = "passing"
    FINISHED = "finished"
    COLLECTED = "collected"
    FAILING = "failing"
    FAILED = "failed"


# Each move is one conditional UPDATE, so that two requests cannot both make it.
MOVES: Final = {
    # Through Connect UI its browser has the connect session's token: something may be there to delete.
    AttemptState.OPEN: {AttemptState.PASSING, AttemptState.FAILING},
    AttemptState.PASSING: {AttemptState.FINISHED, AttemptState.FAILING, AttemptState.FAILED},
    AttemptState.FINISHED: {AttemptState.COLLECTED},
    AttemptState.COLLECTED: set[AttemptState](),
    # What it made in Nango is deleted first.
    AttemptState.FAILING: {AttemptState.FAILED},
    # Nango may finish late: then there is something to delete again.
    AttemptState.FAILED: {AttemptState.FAILING},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAnswer:
    """What GitHub's redirect said, and nothing else of its query; `claim` and `is_request` never reach Nango.

    `is_request`: an owner of the account has to approve the App first.
    """

    code: str | None = None
    error: str | None = None
    error_description: str | None = None
    claim: InstallationId | None = None
    is_request: bool = False

    @property
    def is_denial(self) -> bool:
        return self.error == "access_denied"


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingAuthorization:
    """Nango's half of an authorisation under way; it never leaves the server."""

    state: str
    cookie: str | None

    def __repr__(self) -> str:
        return "PendingAuthorization(…)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A login attempt or a link attempt, bound to the browser that holds its secret and to the state given to GitHub.

    `user_id` is whom a login attempt signed in, and from the start who makes a link attempt. `claim` is the
    installation that a link attempt's callback spoke of: the one to expect, and no more; `asks_approval`: it said that
    an owner has to approve first.
    """

    id: AttemptId
    state: AttemptState
    door: Door
    secret_hash: SecretHash
    state_hash: SecretHash | None
    authorization: PendingAuthorization | None
    return_to: ReturnTo
    created_at: datetime
    expires_at: datetime
    passed_at: datetime | None = None
    lease_until: datetime | None = None
    user_id: UserId | None = None
    connection_id: ConnectionId | None = None
    session_token_hash: SecretHash | None = None
    socket_id: str | None = None
    asked_at: datetime | None = None
    purpose: Purpose = Purpose.LOGIN
    claim: InstallationId | None = None
    asks_approval: bool = False
    outcome: LinkOutcome | None = None

    @classmethod
    def open(  # noqa: PLR0913 - these are what an attempt is made of
        cls,
        attempt_id: AttemptId,
        *,
        secret: Secret,
        state: Secret,
        authorization: PendingAuthorization,
        return_to: ReturnTo,
        at: datetime,
        for_user: UserId | None = None,
    ) -> "Attempt":
        """Begin one by the redirect door; for a user who is signed in, to connect repositories."""
        return cls(
            id=attempt_id,
            state=AttemptState.OPEN,
            door=Door.REDIRECT,
            secret_hash=secret.hash,
            state_hash=state.hash,
            authorization=authorization,
            return_to=return_to,
            created_at=at,
            expires_at=at + LIFETIME,
            user_id=for_user,
            purpose=purpose_for(for_user),
        )

    @classmethod
    def open_for_connect_ui(
        cls,
        attempt_id: AttemptId,
        *,
        secret: Secret,
        session_token: Secret,
        at: datetime,
        for_user: UserId | None = None,
    ) -> "Attempt":
        """Begin one whose browser comes by itself to be sent to GitHub, with the connect session's token."""
        return cls(
            id=attempt_id,
            state=AttemptState.OPEN,
            door=Door.CONNECT_UI,
            secret_hash=secret.hash,
            state_hash=None,
            authorization=None,
            return_to=ReturnTo("/"),
            created_at=at,
            expires_at=at + LIFETIME,
            session_token_hash=session_token.hash,
            user_id=for_user,
            purpose=purpose_for(for_user),
        )

    def aimed(self, state: Secret, authorization: PendingAuthorization, socket_id: str | None) -> "Attempt":
        """Send the browser to GitHub, perhaps anew: only the newest state counts."""
        return replace(self, state_hash=state.hash, authorization=authorization, socket_id=socket_id)

    def accepts_token(self, session_token: Secret) -> bool:
        return self.session_token_hash is not None and compare_digest(session_token.hash, self.session_token_hash)

    @property
    def may_leave_something(self) -> bool:
        """Tell whether Nango may have a connection of this attempt, though nobody has finished it."""
        return self.state is AttemptState.PASSING or (self.state is AttemptState.OPEN and self.door is Door.CONNECT_UI)

    @property
    def is_link(self) -> bool:
        return self.purpose is Purpose.LINK

    @property
    def is_done(self) -> bool:
        """Tell whether it has signed somebody in, or proven what it could."""
        return self.state in {AttemptState.FINISHED, AttemptState.COLLECTED}

    @property
    def is_news(self) -> bool:
        """Tell whether somebody may wait to hear of this state."""
        return (self.is_link or self.door is Door.CONNECT_UI) and self.state in {
            AttemptState.FINISHED,
            AttemptState.FAILING,
            AttemptState.FAILED,
        }

    @property
    def end_user_id(self) -> EndUserId:
        """The end user that Nango was told: the attempt itself, as nobody is known yet."""
        return end_user_of(self.id)

    @property
    def future_user_id(self) -> UserId:
        """A new user takes the attempt's id, so that Nango's end user is right from the start."""
        return UserId(self.id)

    def is_held_by(self, secrets: Mapping[AttemptId, Secret]) -> bool:
        """Tell whether one of a browser's secrets is this attempt's."""
        secret = secrets.get(self.id)
        return secret is not None and compare_digest(secret.hash, self.secret_hash)

    def is_expired(self, at: datetime) -> bool:
        return at >= self.expires_at

    def is_leased(self, at: datetime) -> bool:
        """Tell whether somebody is working on it right now, or it rests after a failure."""
        return self.lease_until is not None and at < self.lease_until

    def passing(self, at: datetime, answer: ProviderAnswer | None = None) -> "Attempt":
        """Pass the callback on: nobody else works on it meanwhile."""
        return replace(
            self,
            state=AttemptState.PASSING,
            passed_at=at,
            lease_until=at + LEASE,
            claim=answer.claim if answer else None,
            asks_approval=answer is not None and answer.is_request,
        )

    def is_given_up(self, at: datetime) -> bool:
        """Tell whether a connection that is not there yet will not come any more."""
        return self.passed_at is not None and at >= self.passed_at + GIVE_UP_AFTER

    def moved(self, state: AttemptState) -> "Attempt":
        return replace(self, state=state)

    def resting_as(self, state: AttemptState, until: datetime) -> "Attempt":
        return replace(self, state=state, lease_until=until)

    def finished(self, user_id: UserId, connection_id: ConnectionId) -> "Attempt":
        return replace(self, state=AttemptState.FINISHED, user_id=user_id, connection_id=connection_id)

    def linked(self, connection_id: ConnectionId, outcome: LinkOutcome) -> "Attempt":
        """Finish a link attempt."""
        return replace(self, state=AttemptState.FINISHED, connection_id=connection_id, outcome=outcome)


def purpose_for(user_id: UserId | None) -> Purpose:
    return Purpose.LOGIN if user_id is None else Purpose.LINK


def end_user_of(owner: AttemptId | UserId) -> EndUserId:
    return EndUserId(str(owner))


def id_in(end_user_id: str | None) -> UUID | None:
    """Read the id of the attempt or the user that an end user of ours would be; None for one of somebody else."""
    try:
        named = UUID(end_user_id or "")
    except ValueError:
        return None
    return named if str(named) == end_user_id else None
