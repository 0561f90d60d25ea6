"""What an operator wants synced."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from domain.sync import MODELS, ReplicaKind, SyncSource

ALL: Final = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncPlan:
    """`models` says which model each of Nango's syncs fills, and with that what is read of GitHub's lists.

    `chosen` names the repositories whose lists are read, as `owner/name`, `owner/*` or `*`; Nango's syncs are told of
    all that somebody has a grant on.
    """

    source: SyncSource = SyncSource.NANGO
    models: Mapping[str, str]
    chosen: Sequence[str] = ()
    checked_every: timedelta = timedelta(hours=1)
    """When records are pulled that no webhook was heard of."""
    listed_every: timedelta = timedelta(minutes=15)
    """When GitHub's lists are read."""

    @property
    def kinds(self) -> Sequence[ReplicaKind]:
        found = {MODELS[model] for model in self.models.values()}
        return [kind for kind in ReplicaKind if kind in found]

    @property
    def names(self) -> Sequence[str]:
        return list(self.models)

    def chooses(self, full_name: str) -> bool:
        owner, _, name = full_name.lower().partition("/")
        patterns = {one.lower() for one in self.chosen}
        return not patterns.isdisjoint({ALL, f"{owner}/{ALL}", f"{owner}/{name}"})

    def period_of(self, source: SyncSource) -> timedelta:
        """Tell after how long records are read again that nothing was heard of."""
        return self.listed_every if source is SyncSource.PROXY else self.checked_every
