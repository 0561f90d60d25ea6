"""A browser asks whether its sign-in through Connect UI is finished."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from application.login.pull_attempt import PullAttempt
from application.ports.clock import Clock
from application.ports.login_feed import LoginFeed, LoginWatch
from application.ports.unit_of_work import BeginWork
from domain.attempt import Attempt, AttemptId, AttemptState, Door
from domain.connection import ConnectionId
from domain.errors import StartAgain, UpstreamUnavailable
from domain.secret import Secret

# With `LOGIN_BINDING=cookie`: how long the webhook is waited for, from the first question on.
PULL_GRACE: Final = timedelta(seconds=1)
PULL_EVERY: Final = timedelta(seconds=3)
LONGEST_WAIT: Final = timedelta(seconds=25)


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitLogin:
    """Looks only at attempts of the asking browser, so that nobody learns anything of anybody else's."""

    pull_login: PullAttempt
    login_feed: LoginFeed
    begin_work: BeginWork
    clock: Clock
    is_bound_by_cookie: bool

    async def __call__(
        self, connection_id: ConnectionId, secrets: Mapping[AttemptId, Secret], wait: timedelta
    ) -> Attempt | None:
        """Return the attempt that made this connection once it is finished; None if that takes longer than the wait."""
        keys = [str(attempt_id) for attempt_id in secrets]
        longest = LONGEST_WAIT if self.login_feed.has_room(keys) else timedelta(0)
        deadline = self.clock.now() + min(wait, longest)
        with self.login_feed.watching(keys) as watch:
            while True:
                mine = await self._mine(secrets)
                finished = next((attempt for attempt in mine if attempt.connection_id == connection_id), None)
                if finished is not None:
                    return finished if finished.state is AttemptState.FINISHED else None
                waiting = [attempt for attempt in mine if attempt.state in {AttemptState.OPEN, AttemptState.PASSING}]
                if self.is_bound_by_cookie and await self._pull(waiting):
                    continue
                if not waiting or not await self._wait(watch, deadline):
                    return None

    async def _mine(self, secrets: Mapping[AttemptId, Secret]) -> Sequence[Attempt]:
        async with self.begin_work(atomic=False) as work:
            attempts = await work.attempts.find_all(list(secrets))
        return [attempt for attempt in attempts if attempt.door is Door.CONNECT_UI and attempt.is_held_by(secrets)]

    async def _wait(self, watch: LoginWatch, deadline: datetime) -> bool:
        left = deadline - self.clock.now()
        if left <= timedelta(0) or self.login_feed.has_ended():
            return False
        # Without a callback of ours nobody but us may notice: look again after the grace.
        longest = PULL_GRACE if self.is_bound_by_cookie else left
        await watch.next(min(left, longest).total_seconds())
        return not self.login_feed.has_ended()

    async def _pull(self, waiting: Sequence[Attempt]) -> bool:
        """Look at Nango for attempts whose webhook has not come; tell whether one was finished."""
        for attempt in waiting:
            if not await self._is_due(attempt):
                continue
            with suppress(UpstreamUnavailable, StartAgain):
                await self.pull_login(attempt)
                return True
        return False

    async def _is_due(self, attempt: Attempt) -> bool:
        now = self.clock.now()
        if attempt.asked_at is None:
            async with self.begin_work(atomic=False) as work:
                await work.attempts.note_asked(attempt.id, now)
            return False
        if now < attempt.asked_at + PULL_GRACE or attempt.is_leased(now) or attempt.is_expired(now):
            return False
        async with self.begin_work(atomic=False) as work:
            await work.attempts.rest(attempt.id, now + PULL_EVERY)
        return True
