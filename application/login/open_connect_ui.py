"""A browser begins to sign in, or to connect repositories, through Nango's Connect UI."""

from dataclasses import dataclass

from application.ports.authorizations import Authorizations, ConnectSession
from application.ports.clock import Clock
from application.ports.randomness import Randomness
from application.ports.unit_of_work import BeginWork
from domain.attempt import Attempt, AttemptId, end_user_of
from domain.secret import Secret
from domain.user import UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectUiOpened:
    """What Connect UI is opened with, and the secret that binds the attempt to the browser."""

    attempt: Attempt
    secret: Secret
    session: ConnectSession


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenConnectUi:
    authorizations: Authorizations
    begin_work: BeginWork
    clock: Clock
    randomness: Randomness

    async def __call__(self, user_id: UserId | None = None) -> ConnectUiOpened:
        """Begin to sign in; or, for somebody who is signed in, to connect repositories."""
        attempt_id, secret = AttemptId(self.randomness.new_id()), self.randomness.new_secret()
        session = await self.authorizations.open_session(end_user_of(attempt_id))
        attempt = Attempt.open_for_connect_ui(
            attempt_id, secret=secret, session_token=session.token, at=self.clock.now(), for_user=user_id
        )

        async with self.begin_work(atomic=False) as work:
            await work.attempts.add(attempt)

        return ConnectUiOpened(attempt=attempt, secret=secret, session=session)
