"""A person comments on an issue or a pull request, through the App."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.ports.clock import Clock
from application.ports.installation_access import InstallationAccess
from application.ports.personal_access import PersonalAccess, Viewpoint
from application.ports.repository_contents import RepositoryContents
from application.ports.unit_of_work import BeginWork
from application.repositories.granted import the_grant
from application.repositories.through_installation import connection_for
from domain.connection import ConnectionId, ConnectionState
from domain.contents import Comment as WrittenComment
from domain.errors import AccessNotReadable, ConnectionBroken, ConnectionNotFound, RepositoryNotFound
from domain.grant import NOT_CONFIRMED, Grant, ProofSource
from domain.repository import RepositoryId, may_see
from domain.user import User, UserId

# A write waits for no background: an older proof is made anew, for this one repository.
FRESH: Final = timedelta(minutes=5)
NO_TOKEN: Final = (AccessNotReadable, ConnectionBroken, ConnectionNotFound)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """GitHub's own rule holds: whoever may read a repository may comment there."""

    repository_contents: RepositoryContents
    personal_access: PersonalAccess
    installation_access: InstallationAccess
    begin_work: BeginWork
    clock: Clock

    async def __call__(self, user_id: UserId, repository_id: RepositoryId, number: int, body: str) -> WrittenComment:
        """Raise `RepositoryNotFound` for whatever GitHub does not confirm now, and what `RepositoryContents` raises."""
        now = self.clock.now()
        grant = await the_grant(self.begin_work, user_id, repository_id, now)
        connection_id = await connection_for(self.begin_work, grant)
        if now >= grant.proof.proved_at + FRESH and not await self._is_confirmed(user_id, grant, connection_id):
            async with self.begin_work(atomic=False) as work:
                # What else they may see is looked at too.
                await work.access_checks.want(user_id, now)
            raise RepositoryNotFound(NOT_CONFIRMED)
        return await self.repository_contents.comment(connection_id, repository_id, number, body)

    async def _is_confirmed(self, user_id: UserId, grant: Grant, connection_id: ConnectionId) -> bool:
        async with self.begin_work(atomic=False) as work:
            user = await work.users.find(user_id)
            login = await work.connections.current_login_of(user_id)
        if user is None:
            return False
        if login is not None and login.state is ConnectionState.LIVE and login.reads_access:
            try:
                return await self._is_shown(user, grant, Viewpoint(connection_id=login.id, source=ProofSource.LOGIN))
            except NO_TOKEN:
                pass
        return await self._has_role(user, grant, connection_id)

    async def _is_shown(self, user: User, grant: Grant, viewpoint: Viewpoint) -> bool:
        if (await self.personal_access.person(viewpoint)).id != user.account.id:
            return False
        return await self.personal_access.repository(viewpoint, grant.repository.id) is not None

    async def _has_role(self, user: User, grant: Grant, connection_id: ConnectionId) -> bool:
        # The person may have another login name than when they signed in, and somebody else their old one.
        login = await self.installation_access.login_of(connection_id, user.account.id)
        if login is None:
            return False
        role = await self.installation_access.permission_of(connection_id, grant.repository.id, login)
        return role is not None and role[0] == user.account.id and may_see(grant.repository.visibility, role[1])
