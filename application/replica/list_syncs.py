"""An operator looks at what is read, and how far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from application.ports.unit_of_work import BeginWork
from domain.installation import InstallationId
from domain.sync import Sync, SyncId

AT_ONCE: Final = 1000
MOST_FAILURES: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncsListed:
    """`aside` counts the records of each that could not be read, or are of no known repository.

    `failures` says of installations why nothing could be arranged there.
    """

    syncs: Sequence[Sync]
    aside: Mapping[SyncId, int]
    failures: Sequence[tuple[InstallationId, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSyncs:
    begin_work: BeginWork

    async def __call__(self) -> SyncsListed:
        """Return all, in the order of their ids."""
        syncs = list[Sync]()
        async with self.begin_work(atomic=False) as work:
            while page := await work.syncs.after(syncs[-1].id if syncs else SyncId(0), AT_ONCE):
                syncs.extend(page)
            aside = await work.replica.count_aside()
            return SyncsListed(syncs=syncs, aside=aside, failures=await work.sync_scopes.failures(MOST_FAILURES))
