"""A signed-in person begins to connect repositories."""

from collections.abc import Collection
from dataclasses import dataclass

from application.login.start_login import LoginStarted
from application.ports.authorizations import Authorizations
from application.ports.clock import Clock
from application.ports.randomness import Randomness
from application.ports.unit_of_work import BeginWork
from domain.attempt import Attempt, AttemptId, end_user_of
from domain.return_to import ReturnTo
from domain.user import UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class StartLink:
    authorizations: Authorizations
    begin_work: BeginWork
    clock: Clock
    randomness: Randomness
    own_origin: str
    allowed_origins: Collection[str]

    async def __call__(self, user_id: UserId, return_to: str | None, *, installs: bool) -> LoginStarted:
        """Send the browser to GitHub to install the App, or only to authorise it where it is installed already."""
        destination = ReturnTo.parse_for_link(
            return_to, own_origin=self.own_origin, allowed_origins=self.allowed_origins
        )
        attempt_id = AttemptId(self.randomness.new_id())
        secret, state = self.randomness.new_secret(), self.randomness.new_secret()
        started = await self.authorizations.start(end_user_of(attempt_id), state, installs=installs)
        attempt = Attempt.open(
            attempt_id,
            secret=secret,
            state=state,
            authorization=started.pending,
            return_to=destination,
            at=self.clock.now(),
            for_user=user_id,
        )
        async with self.begin_work(atomic=False) as work:
            await work.attempts.add(attempt)
        return LoginStarted(attempt=attempt, secret=secret, url=started.url)
