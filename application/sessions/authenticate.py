"""Tell who a request comes from."""

from dataclasses import dataclass

from application.ports.access_tokens import AccessTokens
from application.ports.clock import Clock
from application.ports.unit_of_work import BeginWork
from domain.errors import Unauthenticated
from domain.secret import Secret
from domain.session import Principal, Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticate:
    """The session's row is looked up for each request, so that signing out works at once."""

    access_tokens: AccessTokens
    begin_work: BeginWork
    clock: Clock

    async def by_bearer(self, token: str) -> Principal:
        """Accept an access token of a live session; raises `Unauthenticated`."""
        now = self.clock.now()
        claimed = self.access_tokens.verify(token, now)
        async with self.begin_work(atomic=False) as work:
            session = await work.sessions.find(claimed.session_id, now)
        return principal_of(session)

    async def by_cookie(self, secret: Secret) -> Principal:
        """Accept the secret of a live session; raises `Unauthenticated`."""
        async with self.begin_work(atomic=False) as work:
            session = await work.sessions.find_by_secret(secret.hash, self.clock.now())
        return principal_of(session)


def principal_of(session: Session | None) -> Principal:
    if session is None:
        raise Unauthenticated("the session has ended: sign in again")
    return Principal(user_id=session.user_id, session_id=session.id)
