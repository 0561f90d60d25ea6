"""Finish an attempt that no callback of ours and no webhook told of."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.provider_connections import ProviderConnections
from application.ports.unit_of_work import BeginWork
from domain.attempt import Attempt, AttemptState
from domain.errors import LoginStillPassing


@dataclass(frozen=True, slots=True, kw_only=True)
class PullAttempt:
    """Only with `LOGIN_BINDING=cookie`: the cookie alone binds the attempt to its browser, so no door is passed.

    The attempt stays open until Nango has a connection for it: its person may still be at GitHub.
    """

    provider_connections: ProviderConnections
    complete: Callable[[Attempt], Awaitable[Attempt]]
    begin_work: BeginWork
    clock: Clock

    async def __call__(self, attempt: Attempt) -> Attempt:
        """Return the attempt finished; raises `LoginStillPassing`, and what `complete` raises."""
        if attempt.state is AttemptState.OPEN:
            if not await self.provider_connections.of_end_user(attempt.end_user_id):
                raise LoginStillPassing("Nango does not show a connection yet")
            attempt = await let_in(attempt, self.begin_work, self.clock)
        return await self.complete(attempt)


async def let_in(attempt: Attempt, begin_work: BeginWork, clock: Clock) -> Attempt:
    """Let an open attempt pass without a callback; raises `LoginStillPassing` if somebody else has just done so."""
    passing = attempt.passing(clock.now())
    async with begin_work(atomic=False) as work:
        if not await work.attempts.move(passing):
            raise LoginStillPassing("another request is finishing this sign-in")
    return passing
