"""A browser takes what its sign-in through Connect UI is worth."""

from dataclasses import dataclass
from datetime import timedelta

from application.login.collect_login import end_replaced
from application.ports.access_tokens import AccessTokens
from application.ports.clock import Clock
from application.ports.randomness import Randomness
from application.ports.unit_of_work import BeginWork
from domain.attempt import Attempt, AttemptState
from domain.errors import StartAgain
from domain.secret import Secret
from domain.session import Principal, Session, SessionId
from domain.user import User


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenCollected:
    """One session, for the browser's cookie and for its access token."""

    token: str
    expires_in_seconds: int
    user: User
    session_secret: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectToken:
    access_tokens: AccessTokens
    begin_work: BeginWork
    clock: Clock
    randomness: Randomness
    session_lifetime: timedelta

    async def __call__(self, attempt: Attempt, previous_session: Secret | None) -> TokenCollected:
        """Collect a finished attempt, once; raises `StartAgain` if that was done before."""
        if attempt.user_id is None:
            raise StartAgain("this sign-in is not finished")
        now, secret = self.clock.now(), self.randomness.new_secret()
        session = Session.begin(
            SessionId(self.randomness.new_id()),
            attempt.user_id,
            secret=secret,
            at=now,
            lifetime=self.session_lifetime,
        )
        async with self.begin_work() as work:
            user = await work.users.find(attempt.user_id)
            if user is None or not await work.attempts.move(attempt.moved(AttemptState.COLLECTED)):
                raise StartAgain("this sign-in was used already")
            await end_replaced(work, previous_session, now)
            await work.sessions.add(session)
        token = self.access_tokens.issue(Principal(user_id=user.id, session_id=session.id), now)
        return TokenCollected(
            token=token, expires_in_seconds=self.access_tokens.lifetime_seconds, user=user, session_secret=secret
        )
