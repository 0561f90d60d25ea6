"""The synced issues of a repository, for somebody who may see it."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.unit_of_work import BeginWork
from application.replica.scan_room import ScanRoom
from application.repositories.granted import the_grant
from domain.replica import Issue, ItemFilter
from domain.repository import RepositoryId
from domain.user import UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class ListIssues:
    begin_work: BeginWork
    clock: Clock
    scan_room: ScanRoom

    async def __call__(
        self, user_id: UserId, repository_id: RepositoryId, wanted: ItemFilter, before: int | None, limit: int
    ) -> tuple[Sequence[Issue], bool]:
        """Return a page, and whether there is another one behind it.

        Raises `RepositoryNotFound` for whatever GitHub did not confirm, `TooOften`, and `ListTooWide`.
        """
        await the_grant(self.begin_work, user_id, repository_id, self.clock.now())
        async with self.scan_room.entered(is_scan=wanted.is_scan), self.begin_work(atomic=False) as work:
            found = await work.issues.list(repository_id, wanted, before, limit + 1)
        return found[:limit], len(found) > limit
