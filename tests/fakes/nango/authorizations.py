"""Authorisations that a test answers for GitHub."""

from dataclasses import dataclass
from datetime import timedelta

from application.ports.authorizations import Authorizations, ConnectSession, StartedAuthorization
from domain.attempt import PendingAuthorization, ProviderAnswer
from domain.connection import ConnectionKind, EndUserId
from domain.secret import Secret
from tests.fakes.nango.model import FakeNango


@dataclass(frozen=True, slots=True)
class FakeAuthorizations(Authorizations):
    nango: FakeNango

    async def open_session(self, end_user_id: EndUserId) -> ConnectSession:
        with self.nango.called("open_session"):
            token = Secret(f"nango_connect_session_{end_user_id}")
            return ConnectSession(
                token=token,
                connect_link=f"https://connect.test/?session_token={token.text}",
                expires_at=self.nango.now + timedelta(minutes=30),
            )

    async def authorize(self, session_token: Secret, state: Secret) -> StartedAuthorization:
        with self.nango.called("authorize"):
            end_user_id = EndUserId(session_token.text.removeprefix("nango_connect_session_"))
            return self._started(end_user_id, state)

    async def start(self, end_user_id: EndUserId, state: Secret, *, installs: bool = True) -> StartedAuthorization:
        with self.nango.called("start"):
            path = "login/oauth/authorize" if not installs or self.nango.kind is ConnectionKind.LOGIN else "apps/fake"
            return self._started(end_user_id, state, path)

    def _started(
        self, end_user_id: EndUserId, state: Secret, path: str = "login/oauth/authorize"
    ) -> StartedAuthorization:
        return StartedAuthorization(
            url=f"https://github.test/{path}?client_id=fake&state={state.text}",
            pending=self.nango.begin(end_user_id),
        )

    async def finish(self, pending: PendingAuthorization, answer: ProviderAnswer) -> bool:
        with self.nango.called("finish"):
            return bool(self.nango.exchange(pending.state, answer.code))
