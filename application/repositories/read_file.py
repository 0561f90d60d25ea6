"""A file of a repository, for somebody who may see it."""

from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.repository_contents import RepositoryContents
from application.ports.unit_of_work import BeginWork
from application.repositories.granted import the_grant
from application.repositories.through_installation import connection_for
from domain.contents import RepositoryFile
from domain.repository import RepositoryId
from domain.user import UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFile:
    repository_contents: RepositoryContents
    begin_work: BeginWork
    clock: Clock

    async def __call__(
        self, user_id: UserId, repository_id: RepositoryId, path: str, ref: str | None
    ) -> RepositoryFile:
        """Raise `RepositoryNotFound` for whatever GitHub did not confirm, and what `RepositoryContents` raises."""
        grant = await the_grant(self.begin_work, user_id, repository_id, self.clock.now())
        connection_id = await connection_for(self.begin_work, grant)
        return await self.repository_contents.file(connection_id, repository_id, path, ref)
