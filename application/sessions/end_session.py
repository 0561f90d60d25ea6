"""Somebody signs out."""

from dataclasses import dataclass

from application.ports.unit_of_work import BeginWork
from domain.session import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class EndSession:
    """Its cookie and its access tokens stop working at once."""

    begin_work: BeginWork

    async def __call__(self, principal: Principal) -> None:
        async with self.begin_work(atomic=False) as work:
            await work.sessions.end(principal.session_id)
