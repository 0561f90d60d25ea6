"""A connection that Nango bound to an installation by itself, with no token of the person left in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.ports.clock import Clock
from application.ports.unit_of_work import BeginWork
from application.repositories.ensure_connection import EnsureConnection, Offer
from application.repositories.prove_by_role import ProveByRole
from domain.installation import Installation
from domain.user import User

NEXT_BATCH_IN: Final = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptInstallation:
    """Only if GitHub says that the person has a role in something of it; the rest is proven in the background."""

    prove_by_role: ProveByRole
    ensure_connection: EnsureConnection
    begin_work: BeginWork
    clock: Clock

    async def __call__(self, user: User, offer: Offer) -> Sequence[Installation]:
        """Return the installation if it shows the person something; raises what `InstallationAccess` raises."""
        has_more = await self.prove_by_role(user, offer.installation_id, offer.connection_id)
        async with self.begin_work(atomic=False) as work:
            mine = await work.installations.of_user(user.id)
            if has_more:
                await work.access_checks.want(user.id, self.clock.now() + NEXT_BATCH_IN)
        proven = [one.installation for one in mine if one.installation.id == offer.installation_id and one.repositories]
        for installation in proven:
            await self.ensure_connection(installation.id, offer)
        return proven
