"""A browser begins to sign in."""

from collections.abc import Collection
from dataclasses import dataclass

from application.ports.authorizations import Authorizations
from application.ports.clock import Clock
from application.ports.randomness import Randomness
from application.ports.unit_of_work import BeginWork
from domain.attempt import Attempt, AttemptId, end_user_of
from domain.return_to import ReturnTo
from domain.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginStarted:
    """Where to send the browser, and the secret that binds the attempt to it."""

    attempt: Attempt
    secret: Secret
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StartLogin:
    authorizations: Authorizations
    begin_work: BeginWork
    clock: Clock
    randomness: Randomness
    own_origin: str
    allowed_origins: Collection[str]

    async def __call__(self, return_to: str | None, code_challenge: str | None) -> LoginStarted:
        destination = ReturnTo.parse(
            return_to, code_challenge, own_origin=self.own_origin, allowed_origins=self.allowed_origins
        )
        attempt_id = AttemptId(self.randomness.new_id())
        secret, state = self.randomness.new_secret(), self.randomness.new_secret()
        started = await self.authorizations.start(end_user_of(attempt_id), state)
        attempt = Attempt.open(
            attempt_id,
            secret=secret,
            state=state,
            authorization=started.pending,
            return_to=destination,
            at=self.clock.now(),
        )

        async with self.begin_work(atomic=False) as work:
            await work.attempts.add(attempt)

        return LoginStarted(attempt=attempt, secret=secret, url=started.url)
