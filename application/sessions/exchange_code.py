"""An app on another origin trades its one-time code for an access token."""

from dataclasses import dataclass
from datetime import timedelta

from application.ports.access_tokens import AccessTokens
from application.ports.clock import Clock
from application.ports.randomness import Randomness
from application.ports.unit_of_work import BeginWork
from domain.errors import InvalidCode
from domain.return_to import fits
from domain.secret import Secret
from domain.session import Principal, Session, SessionId
from domain.user import User


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeExchanged:
    token: str
    expires_in_seconds: int
    user: User


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeCode:
    access_tokens: AccessTokens
    begin_work: BeginWork
    clock: Clock
    randomness: Randomness
    session_lifetime: timedelta

    async def __call__(self, code: Secret, code_verifier: str) -> CodeExchanged:
        """Begin a session for the code's user; raises `InvalidCode`, and the code is gone all the same."""
        now = self.clock.now()
        async with self.begin_work(atomic=False) as work:
            known = await work.sign_in_codes.redeem(code.hash)
        if known is None or now >= known.expires_at or not fits(known.code_challenge, code_verifier):
            raise InvalidCode
        session = Session.begin(
            SessionId(self.randomness.new_id()), known.user_id, secret=None, at=now, lifetime=self.session_lifetime
        )
        async with self.begin_work() as work:
            user = await work.users.find(known.user_id)
            if user is None:
                raise InvalidCode
            await work.sessions.add(session)
        token = self.access_tokens.issue(Principal(user_id=user.id, session_id=session.id), now)
        return CodeExchanged(token=token, expires_in_seconds=self.access_tokens.lifetime_seconds, user=user)
