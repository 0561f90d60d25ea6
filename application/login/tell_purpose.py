"""Connect UI asks what its session is for."""

from dataclasses import dataclass

from application.ports.unit_of_work import BeginWork
from domain.attempt import Purpose
from domain.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class TellPurpose:
    begin_work: BeginWork

    async def __call__(self, session_token: Secret) -> Purpose:
        """Say whether repositories are to be connected; whatever is not known counts as a sign-in."""
        async with self.begin_work(atomic=False) as work:
            is_links = await work.attempts.is_token_of_link(session_token.hash)
        return Purpose.LINK if is_links else Purpose.LOGIN
