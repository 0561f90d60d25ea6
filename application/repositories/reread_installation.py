"""Look again at an installation, because somebody says that it changed, or because it is long ago."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from application.ports.clock import Clock
from application.ports.installation_access import InstallationAccess
from application.ports.personal_access import PersonalAccess, Viewpoint
from application.ports.unit_of_work import BeginWork
from application.repositories.disconnect import note_deleted
from application.repositories.ensure_connection import EnsureConnection
from domain.connection import ConnectionState
from domain.errors import (
    AccessNotReadable,
    ConnectionBroken,
    ConnectionNotFound,
    InstallationGone,
    InstallationSuspended,
)
from domain.grant import ProofSource
from domain.installation import Installation, InstallationConnection, InstallationId, InstallationState
from domain.repository import Repository
from domain.user import UserId

# Asked, one after the other, when the installation's own token does not work.
MOST_WITNESSES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class RereadInstallation:
    """Its own token says whether it is active, suspended or gone, and what it covers; else people who had access do.

    What GitHub does not list any more loses its grants; who may see what is new is proven person by person.
    """

    installation_access: InstallationAccess
    personal_access: PersonalAccess
    ensure_connection: EnsureConnection
    begin_work: BeginWork
    clock: Clock

    async def __call__(self, installation_id: InstallationId) -> str:
        """Store what was found, and say it in words; raises `UpstreamUnavailable` if nothing could be."""
        began = self.clock.now()
        async with self.begin_work(atomic=False) as work:
            installation = await work.installations.find(installation_id)
            connection = await work.installation_connections.current_of(installation_id)
        if installation is None or installation.state is InstallationState.DELETED:
            return "the installation is not one of ours"
        if connection is None or connection.state is not ConnectionState.LIVE:
            return await self._ask_witnesses(installation, began)
        try:
            return await self._read(installation, connection, began)
        except InstallationSuspended:
            return await self._note(installation, InstallationState.SUSPENDED, began)
        except (ConnectionBroken, ConnectionNotFound) as error:
            async with self.begin_work(atomic=False) as work:
                await work.installation_connections.save(connection.broken(str(error), began))
            is_refused = isinstance(error, InstallationGone)
            return await (self._doubt if is_refused else self._ask_witnesses)(installation, began)

    async def _read(self, installation: Installation, connection: InstallationConnection, began: datetime) -> str:
        repositories = await self.installation_access.repositories(connection.id)
        async with self.begin_work() as work:
            # First the installation, then what it has: in the order in which a proof is recorded.
            await work.installations.remember(named_by(repositories, installation).active(began))
            known = set(await work.repositories.ids_of(installation.id))
            removed = await work.repositories.replace_all(installation.id, repositories, began)
            await work.installation_connections.save(connection.verified(connection.end_user_id, began))
            added = len({one.id for one in repositories} - known)
            if added or not installation.is_active:
                await work.access_checks.want_all_on(installation.id, began)
        return f"it covers {len(repositories)} repositories, {added} more and {removed} less than before"

    async def _ask_witnesses(self, installation: Installation, began: datetime) -> str:
        """Ask people with a proof whether GitHub still lists it; nobody who can be asked leaves it as it is."""
        async with self.begin_work(atomic=False) as work:
            witnesses = await work.grants.witnesses(installation.id, MOST_WITNESSES)
        heard = False
        for user_id in witnesses:
            listed = await self._listed_for(user_id)
            if listed is None:
                continue
            heard = True
            if found := next((one for one in listed if one.id == installation.id), None):
                await self._note(installation, found.state, began)
                if found.is_active:
                    with suppress(ConnectionBroken, ConnectionNotFound):
                        await self.ensure_connection(installation.id)
                return f"GitHub lists it as {found.state}"
        return await (self._doubt(installation, began) if heard else self._make_connection(installation))

    async def _doubt(self, installation: Installation, began: datetime) -> str:
        """Have Nango ask GitHub for a token: one that is refused, or people who lost their access, are not enough."""
        try:
            await self.ensure_connection(installation.id)
        except (ConnectionBroken, ConnectionNotFound):
            return await self._note(installation, InstallationState.DELETED, began)
        async with self.begin_work(atomic=False) as work:
            await work.access_checks.want_all_on(installation.id, began)
        return "its connection was made anew, and people lost their access"

    async def _make_connection(self, installation: Installation) -> str:
        """Have Nango ask GitHub for a token: what cannot be told by anybody leaves the grants to their age."""
        async with self.begin_work(atomic=False) as work:
            if not await work.grants.has_proofs_on(installation.id):
                return "nobody has a proof there"
        try:
            await self.ensure_connection(installation.id)
        except (ConnectionBroken, ConnectionNotFound):
            return "its connection does not work, and nobody can be asked about it: its grants age"
        return "its connection was made anew"

    async def _listed_for(self, user_id: UserId) -> list[Installation] | None:
        async with self.begin_work(atomic=False) as work:
            login = await work.connections.current_login_of(user_id)
        if login is None or login.state is not ConnectionState.LIVE or not login.reads_access:
            return None
        try:
            viewpoint = Viewpoint(connection_id=login.id, source=ProofSource.LOGIN)
            return list(await self.personal_access.installations(viewpoint))
        except (AccessNotReadable, ConnectionBroken, ConnectionNotFound):
            return None

    async def _note(self, installation: Installation, state: InstallationState, began: datetime) -> str:
        async with self.begin_work() as work:
            if state is InstallationState.DELETED:
                await note_deleted(work, installation, began)
            elif state is InstallationState.SUSPENDED:
                await work.installations.remember(installation.suspended(began))
            else:
                await work.installations.remember(installation.active(began))
                if not installation.is_active:
                    await work.access_checks.want_all_on(installation.id, began)
        return f"GitHub says that it is {state}"


def named_by(repositories: Sequence[Repository], installation: Installation) -> Installation:
    """Name the account as its repositories do: it may have been renamed."""
    own = next((one for one in repositories if one.owner_id == installation.account_id), None)
    return replace(installation, account=own.owner) if own else installation
