"""A pop-up of Connect UI is sent to GitHub."""

from collections.abc import Mapping
from dataclasses import dataclass

from application.ports.authorizations import Authorizations
from application.ports.clock import Clock
from application.ports.randomness import Randomness
from application.ports.unit_of_work import BeginWork
from domain.attempt import Attempt, AttemptId, AttemptState, Purpose
from domain.errors import StartAgain
from domain.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class AimLogin:
    """Only the session token of an attempt of this very browser counts; nothing else of its URL reaches Nango."""

    authorizations: Mapping[Purpose, Authorizations]
    begin_work: BeginWork
    clock: Clock
    randomness: Randomness

    async def __call__(
        self, purpose: Purpose, session_token: Secret, socket_id: str | None, secrets: Mapping[AttemptId, Secret]
    ) -> str:
        """Return GitHub's URL; raises `StartAgain` or `UpstreamUnavailable`."""
        attempt = await self._attempt_of(purpose, session_token, secrets)
        state = self.randomness.new_secret()
        started = await self.authorizations[purpose].authorize(session_token, state)
        async with self.begin_work(atomic=False) as work:
            if not await work.attempts.aim(attempt.aimed(state, started.pending, socket_id)):
                raise StartAgain("this sign-in was finished already")
        return started.url

    async def _attempt_of(
        self, purpose: Purpose, session_token: Secret, secrets: Mapping[AttemptId, Secret]
    ) -> Attempt:
        now = self.clock.now()
        async with self.begin_work(atomic=False) as work:
            attempts = await work.attempts.find_all(list(secrets))
        for attempt in attempts:
            is_ours = (
                attempt.purpose is purpose and attempt.is_held_by(secrets) and attempt.accepts_token(session_token)
            )
            if is_ours and attempt.state is AttemptState.OPEN and not attempt.is_expired(now):
                return attempt
        raise StartAgain("this sign-in was begun in another browser, is too old, or was never begun")
