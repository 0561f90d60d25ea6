"""GitHub says that something happened, and Nango passed it on: wrapped, or bare where it knew no connection for it."""

from dataclasses import dataclass
from typing import Final

from application.deliveries.recheck_hinted import RecheckHinted
from application.ports.unit_of_work import BeginWork
from domain.connection import Connection
from domain.delivery import Delivery, DeliveryState, number_at, text_at
from domain.user import GitHubId

REVOKED: Final = ("github_app_authorization", "revoked")


@dataclass(frozen=True, slots=True, kw_only=True)
class HearGitHub:
    """Nobody can check who wrote it: it only says whose connection to look at."""

    recheck_hinted: RecheckHinted
    begin_work: BeginWork

    async def __call__(self, delivery: Delivery) -> tuple[DeliveryState, str]:
        """Return what became of the hint; raises `Postponed`, or `UpstreamUnavailable` to be tried again."""
        event = delivery.github_event
        if (event, text_at(delivery.github_payload, "action")) != REVOKED:
            return DeliveryState.IGNORED, "nothing acts on this event of GitHub yet"
        sender = number_at(delivery.github_payload, "sender", "id")
        connection = await self._login_of(GitHubId(sender)) if sender is not None else None
        if connection is None:
            return DeliveryState.IGNORED, "nobody with a login connection here revoked anything"
        return await self.recheck_hinted(connection, delivery.received_at)

    async def _login_of(self, github_id: GitHubId) -> Connection | None:
        async with self.begin_work(atomic=False) as work:
            user = await work.users.find_by_github_id(github_id)
            return await work.connections.current_login_of(user.id) if user else None
