"""A browser takes what its finished sign-in is worth."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from application.ports.clock import Clock
from application.ports.randomness import Randomness
from application.ports.unit_of_work import BeginWork, UnitOfWork
from domain.attempt import Attempt, AttemptState
from domain.errors import StartAgain
from domain.secret import Secret
from domain.session import Session, SessionId, SignInCode
from domain.user import UserId

CODE_LIFETIME: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginCollected:
    """Where the browser goes now; `session_secret` is None where the destination redeems a code instead."""

    user_id: UserId
    return_url: str
    session_secret: Secret | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectLogin:
    """Once only: a session for our own pages, or a one-time code for another origin."""

    begin_work: BeginWork
    clock: Clock
    randomness: Randomness
    session_lifetime: timedelta

    async def __call__(self, attempt: Attempt, previous_session: Secret | None) -> LoginCollected:
        """Collect a finished attempt; raises `StartAgain` if that was done before."""
        if attempt.user_id is None:
            raise StartAgain("this sign-in is not finished")
        now, secret = self.clock.now(), self.randomness.new_secret()
        async with self.begin_work() as work:
            if not await work.attempts.move(attempt.moved(AttemptState.COLLECTED)):
                raise StartAgain("this sign-in was used already")
            if attempt.return_to.code_challenge is not None:
                code = SignInCode(
                    hash=secret.hash,
                    user_id=attempt.user_id,
                    code_challenge=attempt.return_to.code_challenge,
                    expires_at=now + CODE_LIFETIME,
                )
                await work.sign_in_codes.add(code)
                return LoginCollected(
                    user_id=attempt.user_id,
                    return_url=attempt.return_to.with_code(secret.text),
                    session_secret=None,
                )
            await end_replaced(work, previous_session, now)
            await work.sessions.add(
                Session.begin(
                    SessionId(self.randomness.new_id()),
                    attempt.user_id,
                    secret=secret,
                    at=now,
                    lifetime=self.session_lifetime,
                )
            )
        return LoginCollected(user_id=attempt.user_id, return_url=attempt.return_to.url, session_secret=secret)


async def end_replaced(work: UnitOfWork, previous_session: Secret | None, now: datetime) -> None:
    """End the session that the browser's new cookie replaces."""
    if previous_session is None:
        return
    session = await work.sessions.find_by_secret(previous_session.hash, now)
    if session is not None:
        await work.sessions.end(session.id)
