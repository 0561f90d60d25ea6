"""What Nango's syncs read, and when."""

from collections.abc import Sequence
from typing import Protocol

from domain.connection import ConnectionId
from domain.repository import Repository


class SyncControl(Protocol):
    """Every method raises `ConnectionNotFound`, `NoSuchSyncs`, and `UpstreamUnavailable`."""

    async def tell_repositories(self, connection_id: ConnectionId, repositories: Sequence[Repository]) -> None:
        """Say which repositories the connection's syncs read; what was said before counts no more."""
        ...

    async def start(self, connection_id: ConnectionId, names: Sequence[str]) -> None:
        """Have the syncs run, from now on by their schedule; those that do so already go on."""
        ...

    async def trigger(self, connection_id: ConnectionId, names: Sequence[str], *, anew: bool = False) -> None:
        """Have the syncs run now; `anew` reads everything again, not only what changed."""
        ...
