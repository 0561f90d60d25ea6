"""A signed-in person asks what became of connecting repositories."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from application.login.await_login import LONGEST_WAIT, PULL_EVERY, PULL_GRACE
from application.login.pull_attempt import PullAttempt
from application.ports.clock import Clock
from application.ports.login_feed import LoginFeed, LoginWatch
from application.ports.unit_of_work import BeginWork
from domain.approval import ApprovalRequest, ApprovalState
from domain.attempt import Attempt, AttemptState, LinkOutcome
from domain.connection import ConnectionId
from domain.errors import StartAgain, UpstreamUnavailable
from domain.grant import Grant, GrantFilter
from domain.installation import InstallationId
from domain.repository import RepositoryId
from domain.user import UserId

# More are listed by `GET /repos`.
MOST_REPOSITORIES: Final = 1000
REFUSED: Final = {AttemptState.FAILING, AttemptState.FAILED}


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkStatus:
    """`denied` says in words why nothing is shown; `request` is the newest one that an owner was asked for."""

    is_ready: bool
    grants: Sequence[Grant] = ()
    total: int = 0
    request: ApprovalRequest | None = None
    denied: str | None = None

    @property
    def is_pending(self) -> bool:
        return self.request is not None and self.request.is_waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitLink:
    """Looks only at the asking person's own attempts, so that nobody learns anything of anybody else's."""

    pull_link: PullAttempt
    login_feed: LoginFeed
    begin_work: BeginWork
    clock: Clock
    is_bound_by_cookie: bool

    async def __call__(self, user_id: UserId, connection_id: ConnectionId, wait: timedelta) -> LinkStatus:
        """Return it once it is decided, or what it is after the wait; a waiting approval is waited for too."""
        keys = [str(attempt.id) for attempt in await self._mine(user_id)]
        longest = LONGEST_WAIT if self.login_feed.has_room(keys) else timedelta(0)
        deadline = self.clock.now() + min(wait, longest)
        was_pending: bool | None = None
        with self.login_feed.watching(keys) as watch:
            while True:
                attempt = named(await self._mine(user_id), connection_id)
                if attempt is None:
                    return await self._long_after(user_id, connection_id)
                if self.is_bound_by_cookie and await self._pull(attempt):
                    continue
                status = await self._status(user_id, attempt)
                # That it is pending is news to whoever began to wait before that.
                is_news = was_pending is False and status.is_pending
                was_pending = status.is_pending
                if status.is_ready or status.denied or is_news or not await self._wait(watch, deadline):
                    return status

    async def _mine(self, user_id: UserId) -> Sequence[Attempt]:
        async with self.begin_work(atomic=False) as work:
            return await work.attempts.links_of(user_id)

    async def _status(self, user_id: UserId, attempt: Attempt) -> LinkStatus:
        if attempt.state in REFUSED:
            return LinkStatus(is_ready=False, denied="GitHub or Nango did not complete this: start again")
        if not attempt.is_done:
            return LinkStatus(is_ready=False)
        async with self.begin_work(atomic=False) as work:
            request = await work.approval_requests.find_by_attempt(attempt.id)
        if request is None and attempt.outcome is LinkOutcome.NOTHING_PROVEN:
            return LinkStatus(is_ready=False, denied=denial_of(attempt.claim))
        return await self._decided(user_id, request)

    async def _long_after(self, user_id: UserId, connection_id: ConnectionId) -> LinkStatus:
        """Tell of an own request for approval, which may wait for longer than its attempt is kept."""
        async with self.begin_work(atomic=False) as work:
            request = await work.approval_requests.find_by_connection(connection_id)
        if request is None or request.user_id != user_id:
            return LinkStatus(is_ready=False)
        return await self._decided(user_id, request)

    async def _decided(self, user_id: UserId, request: ApprovalRequest | None) -> LinkStatus:
        now = self.clock.now()
        async with self.begin_work(atomic=False) as work:
            total = await work.grants.count(user_id, now)
            grants = await work.grants.list(user_id, GrantFilter(), now, RepositoryId(0), MOST_REPOSITORIES)
        if request is not None and request.state is not ApprovalState.APPROVED:
            denied = None if request.is_waiting else f"the request is {request.state}"
            return LinkStatus(is_ready=False, grants=grants, total=total, request=request, denied=denied)
        return LinkStatus(is_ready=True, grants=grants, total=total, request=request)

    async def _wait(self, watch: LoginWatch, deadline: datetime) -> bool:
        left = deadline - self.clock.now()
        if left <= timedelta(0) or self.login_feed.has_ended():
            return False
        # Without a callback of ours nobody but us may notice: look again after the grace.
        longest = PULL_GRACE if self.is_bound_by_cookie else left
        await watch.next(min(left, longest).total_seconds())
        return not self.login_feed.has_ended()

    async def _pull(self, attempt: Attempt) -> bool:
        """Look at Nango for an attempt whose webhook has not come; tell whether it was finished."""
        now = self.clock.now()
        if attempt.state not in {AttemptState.OPEN, AttemptState.PASSING} or attempt.is_expired(now):
            return False
        async with self.begin_work(atomic=False) as work:
            if attempt.asked_at is None:
                await work.attempts.note_asked(attempt.id, now)
                return False
            if now < attempt.asked_at + PULL_GRACE or attempt.is_leased(now):
                return False
            await work.attempts.rest(attempt.id, now + PULL_EVERY)
        with suppress(UpstreamUnavailable, StartAgain):
            await self.pull_link(attempt)
            return True
        return False


def named(mine: Sequence[Attempt], connection_id: ConnectionId) -> Attempt | None:
    """Find the attempt that a connection's id stands for; the newest one while its connection is not known yet."""
    exact = next((one for one in mine if one.connection_id == connection_id), None)
    under_way = next((one for one in mine if one.state in {AttemptState.OPEN, AttemptState.PASSING}), None)
    return exact or under_way or next((one for one in mine if one.state in REFUSED), None)


def denial_of(claim: InstallationId | None) -> str:
    if claim is None:
        return "GitHub lists no repositories of this App for you: install it, or ask an owner of the account to"
    return "GitHub did not confirm your access to anything that this installation covers"
