"""A person disconnects an installation: for themselves, or for everybody."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from application.ports.clock import Clock
from application.ports.installation_access import InstallationAccess
from application.ports.unit_of_work import BeginWork, UnitOfWork
from domain.connection import ConnectionState
from domain.errors import ConnectionBroken, Forbidden, InstallationNotFound
from domain.grant import NOT_CONFIRMED
from domain.installation import Installation, InstallationId, InstallationState
from domain.user import GitHubId, User, UserId

BATCH: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Disconnect:
    """The Nango connection goes with the last person; it is deleted by whoever settles."""

    installation_access: InstallationAccess
    begin_work: BeginWork
    clock: Clock

    async def for_oneself(self, user_id: UserId, installation_id: InstallationId) -> None:
        """Remove the person's own grants; raises `InstallationNotFound` if they have none there."""
        async with self.begin_work() as work:
            if not await work.grants.leave(user_id, installation_id, self.clock.now()):
                raise InstallationNotFound(NOT_CONFIRMED)
            if not await work.grants.has_proofs_on(installation_id):
                await retire_connection(work, installation_id)

    async def for_everybody(self, user_id: UserId, installation_id: InstallationId) -> None:
        """Remove everybody's, if GitHub says now that the person owns the account or administers the organisation.

        They come back one by one, each by connecting again.

        Raises `InstallationNotFound`, `Forbidden`, and what `InstallationAccess` raises.
        """
        async with self.begin_work(atomic=False) as work:
            user = await work.users.find(user_id)
            installation = await work.installations.find(installation_id)
            proof = await work.grants.proof_of(user_id, installation_id)
        if user is None or installation is None or proof is None:
            raise InstallationNotFound(NOT_CONFIRMED)
        if installation.account_id != user.account.id and not await self._administers(user, installation):
            raise Forbidden(
                "only an owner of the account can disconnect it for everybody, and GitHub does not say that you are"
                " one: for an organisation the App needs the permission to read its members"
            )
        async with self.begin_work() as work:
            # Else a renewal would bring it back, for whoever GitHub still lists it for.
            while everybody := await work.grants.witnesses(installation_id, BATCH):
                for one in everybody:
                    await work.grants.leave(one, installation_id, self.clock.now())
            await retire_connection(work, installation_id)

    async def _administers(self, user: User, installation: Installation) -> bool:
        async with self.begin_work(atomic=False) as work:
            connection = await work.installation_connections.current_of(installation.id)
        if connection is None or connection.state is not ConnectionState.LIVE:
            raise ConnectionBroken("GitHub cannot be asked who owns the account: its connection is broken")
        login = await self.installation_access.login_of(connection.id, user.account.id)
        account = await self.installation_access.login_of(connection.id, GitHubId(installation.account_id))
        if login is None or account is None:
            return False
        return await self.installation_access.is_owner(connection.id, account, login)


async def note_deleted(work: UnitOfWork, installation: Installation, at: datetime) -> None:
    """Take everything back that an installation showed: GitHub has said that there is none any more.

    What was proven later than that stands, and so does an installation that was seen later.
    """
    known = await work.installations.remember(installation.deleted(at))
    if known.state is not InstallationState.DELETED:
        return
    await work.grants.withdraw_all(installation.id, before=at)
    await work.repositories.replace_all(installation.id, [], at)
    await retire_connection(work, installation.id)


async def retire_connection(work: UnitOfWork, installation_id: InstallationId) -> None:
    current = await work.installation_connections.current_of(installation_id)
    if current is not None:
        await work.installation_connections.save(current.retired("nobody relies on it any more"))
