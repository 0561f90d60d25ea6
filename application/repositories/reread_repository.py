"""Look again at one repository, by its id."""

from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.installation_access import InstallationAccess
from application.ports.unit_of_work import BeginWork
from application.repositories.reread_installation import RereadInstallation
from domain.connection import ConnectionState
from domain.errors import ConnectionBroken, ConnectionNotFound, InstallationSuspended
from domain.repository import RepositoryId


@dataclass(frozen=True, slots=True, kw_only=True)
class RereadRepository:
    """Renamed, transferred, made private, archived or deleted: one call tells."""

    installation_access: InstallationAccess
    reread_installation: RereadInstallation
    begin_work: BeginWork
    clock: Clock

    async def __call__(self, repository_id: RepositoryId) -> str:
        """Store what was found, and say it in words; raises `UpstreamUnavailable` if nothing could be."""
        began = self.clock.now()
        async with self.begin_work(atomic=False) as work:
            known = await work.repositories.find(repository_id)
            connection = await work.installation_connections.current_of(known[1]) if known else None
        if known is None:
            return "the repository is in no installation of ours"
        before, installation_id = known
        if connection is None or connection.state is not ConnectionState.LIVE:
            return await self.reread_installation(installation_id)
        try:
            found = await self.installation_access.repository(connection.id, repository_id)
        except (ConnectionBroken, ConnectionNotFound, InstallationSuspended):
            return await self.reread_installation(installation_id)
        async with self.begin_work() as work:
            installation = await work.installations.find(installation_id)
            if found is None or installation is None or found.owner_id != installation.account_id:
                await work.repositories.remove([repository_id], began)
                return "the installation does not cover it any more: all grants on it are removed"
            await work.repositories.save(installation_id, found, began)
            if found.visibility is not before.visibility:
                # Who saw it only because it was public does so no more.
                await work.access_checks.want_all_on(installation_id, began)
        return "it was read again"
