"""Records, where they are read."""

from typing import Protocol

from domain.sync import Position, RecordPage, Sync


class SyncedRecords(Protocol):
    """The records of a sync, in the order in which they were modified; a record may come again."""

    async def page(self, sync: Sync, position: Position) -> RecordPage:
        """Read a page.

        Raises `CursorRefused` for a cursor that the source does not take, `ConnectionNotFound`, and
        `UpstreamUnavailable`.
        """
        ...
