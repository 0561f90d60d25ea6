"""The synced pull requests, commits and issues, as they are written."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from domain.sync import Fuse, RecordPage, Sync, SyncId


class Replica(Protocol):
    """Rows of the records, each of one repository. Nothing older overwrites what is newer."""

    async def merge(self, sync: Sync, page: RecordPage, at: datetime) -> None:
        """Store a page; deletions are noted, and records of unknown repositories kept aside, as are unreadable ones."""
        ...

    async def end_run(self, sync: Sync, fuse: Fuse, at: datetime) -> int | None:
        """Carry out the deletions of a run, and place what has become placeable.

        If the deletions blow the fuse they are held instead, and their number is returned.
        """
        ...

    async def count_aside(self) -> Mapping[SyncId, int]:
        """Count the records that are kept aside, of each sync that has any."""
        ...
