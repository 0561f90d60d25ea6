"""Authorisations that a test answers for GitHub."""

from dataclasses import dataclass

from application.ports.authorizations import Authorizations, StartedAuthorization
from domain.connection import EndUserId
from domain.login import PendingAuthorization, ProviderAnswer
from domain.secret import Secret
from tests.fakes.nango.model import FakeNango


@dataclass(frozen=True, slots=True)
class FakeAuthorizations(Authorizations):
    nango: FakeNango

    async def start(self, end_user_id: EndUserId, state: Secret) -> StartedAuthorization:
        with self.nango.called("start"):
            return StartedAuthorization(
                url=f"https://github.test/login/oauth/authorize?client_id=fake&state={state.text}",
                pending=self.nango.begin(end_user_id),
            )

    async def finish(self, pending: PendingAuthorization, answer: ProviderAnswer) -> bool:
        with self.nango.called("finish"):
            return bool(self.nango.exchange(pending.state, answer.code))
