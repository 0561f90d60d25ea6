"""Making the one Nango connection of an installation."""

from typing import Protocol

from domain.connection import ConnectionId
from domain.installation import InstallationId


class InstallationImports(Protocol):
    async def make(self, installation_id: InstallationId) -> ConnectionId:
        """Have Nango make `connection_of(installation_id)`, held by `holder_of(installation_id)`, or make it anew.

        Raises `ConnectionBroken` if GitHub gives no token for the installation, and `UpstreamUnavailable`.
        """
        ...
