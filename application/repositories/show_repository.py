"""One repository, to somebody who may see it."""

from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.unit_of_work import BeginWork
from application.repositories.granted import the_grant
from domain.grant import Grant
from domain.repository import RepositoryId
from domain.user import UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowRepository:
    begin_work: BeginWork
    clock: Clock

    async def __call__(self, user_id: UserId, repository_id: RepositoryId) -> Grant:
        """Raise `RepositoryNotFound` for whatever GitHub did not confirm."""
        return await the_grant(self.begin_work, user_id, repository_id, self.clock.now())
