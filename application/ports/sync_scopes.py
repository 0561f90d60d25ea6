"""What each installation's syncs were told to read."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.freshness import Arrangement
from domain.installation import InstallationId
from domain.repository import RepositoryId


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncScope:
    """A claimed one; `until` is its lease, which tells it from other claims.

    `told` stands for what was arranged last, at `told_at`; `error` is why it could not be arranged.
    """

    installation_id: InstallationId
    until: datetime
    told: str | None = None
    told_at: datetime | None = None
    error: str | None = None


class SyncScopes(Protocol):
    """One row per installation, claimed by one process at a time."""

    async def want(self, installation_id: InstallationId, at: datetime) -> None:
        """Have it looked at then, unless that is due earlier: what its syncs are to read may have changed."""
        ...

    async def forget_told(self, installation_id: InstallationId, at: datetime) -> None:
        """Have all of it told again, from then on: a connection was made, maybe under the id of one that is gone."""
        ...

    async def claim(self, now: datetime, until: datetime, limit: int) -> Sequence[SyncScope]:
        """Take some that are due, the longest due first, with a lease: nobody else gets them until then."""
        ...

    async def failures(self, limit: int) -> Sequence[tuple[InstallationId, str]]:
        """List installations of which nothing could be arranged, by id, and why."""
        ...

    async def has_news(self, installation_id: InstallationId, repository_ids: Collection[RepositoryId]) -> bool:
        """Tell whether its syncs have not been told of all of these."""
        ...

    async def tell(
        self, installation_id: InstallationId, repository_ids: Collection[RepositoryId], now: datetime
    ) -> None:
        """Note that the installation's syncs read these repositories, and no others, from now on."""
        ...

    async def arrangement_of(self, installation_id: InstallationId, repository_id: RepositoryId) -> Arrangement:
        """Say since when its syncs have read a repository without a break, and why nothing new could be arranged."""
        ...

    async def done(self, scope: SyncScope, next_due_at: datetime) -> None:
        """Give back a claimed one with what it was told; what was wanted meanwhile stands.

        Whoever's lease was taken by somebody else gives nothing back.
        """
        ...
