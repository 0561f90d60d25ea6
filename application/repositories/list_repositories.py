"""Which repositories a person may see."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.unit_of_work import BeginWork
from domain.grant import Grant, GrantFilter
from domain.repository import RepositoryId
from domain.user import UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRepositories:
    begin_work: BeginWork
    clock: Clock

    async def __call__(
        self, user_id: UserId, wanted: GrantFilter, after: RepositoryId, limit: int
    ) -> tuple[Sequence[Grant], bool]:
        """Return a page, and whether there is another one behind it."""
        async with self.begin_work(atomic=False) as work:
            grants = await work.grants.list(user_id, wanted, self.clock.now(), after, limit + 1)
        return grants[:limit], len(grants) > limit
