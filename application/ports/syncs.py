"""Which models are read, how far, and when next."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from domain.installation import InstallationId
from domain.repository import RepositoryId
from domain.sync import Sync, SyncId, SyncKey, SyncNews, SyncSource


class Syncs(Protocol):
    """One row per installation, model and variant, read by one process at a time, through the connection of its key."""

    async def make(self, key: SyncKey, installation_id: InstallationId, due_at: datetime, name: str | None) -> None:
        """Make the row, unless it is there; one that is read through the proxy is of the repository in its variant.

        If it was read through another connection, which the installation had before, it is read anew through this one,
        as if for the first time: what that does not meet stays, and nothing is held any more, nor allowed.
        """
        ...

    async def hear(self, news: SyncNews, now: datetime) -> bool:
        """Have it read, or note why Nango's sync failed; the first news makes the row.

        False, and nothing, for a new variant of a model that has `MOST_VARIANTS` in this installation.
        What comes soon after other news waits for `HEARD_EVERY`; what was being read meanwhile is read again.
        """
        ...

    async def want(self, sync_id: SyncId, at: datetime, *, fully: bool = False) -> None:
        """Have it read at that time, unless it is due earlier; `fully` then, and from the beginning.

        Wanted fully, a run under way is given up, as whoever reads it will find; else this one comes after it.
        """
        ...

    async def read_anew(self, installation_id: InstallationId, at: datetime) -> None:
        """Have what Nango keeps of it read as if for the first time: its connection was made anew under its id."""
        ...

    async def claim(self, now: datetime, until: datetime) -> Sync | None:
        """Take the longest due with a lease, with the run that is under way, or a new one; None if nothing is due."""
        ...

    async def keep(self, sync: Sync, until: datetime) -> None:
        """Lease a claimed one on until then, unless somebody else has claimed it meanwhile."""
        ...

    async def save(self, sync: Sync, until: datetime | None) -> None:
        """Store where a claimed one stands, and lease it on until then, or give it back.

        Raises `LeaseLost` if somebody else has claimed it meanwhile: then nothing of that transaction may stand.
        """
        ...

    async def find(self, sync_id: SyncId) -> Sync | None: ...

    async def of_repository(self, repository_id: RepositoryId, installation_id: InstallationId) -> Sequence[Sync]:
        """List those that may bring records of a repository: its own, and those of its whole installation."""
        ...

    async def after(self, sync_id: SyncId, limit: int) -> Sequence[Sync]:
        """List from the one after this id on, in the order of ids."""
        ...

    async def keep_only(self, installation_id: InstallationId, source: SyncSource, keys: Collection[SyncKey]) -> int:
        """Remove the installation's rows that are read from there, except of these models and variants; tell how many.

        What they brought stays.
        """
        ...

    async def allow_deletions(self, sync_id: SyncId, now: datetime) -> bool:
        """Let the next run carry out what is held; False if nothing is."""
        ...

    async def forget_deletions(self, sync_id: SyncId) -> bool:
        """Drop what is held, and keep the data; False if nothing is held."""
        ...
