"""What GitHub lists for a person now may answer what they asked an owner for."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.provider_connections import ProviderConnections
from application.ports.unit_of_work import BeginWork
from domain.approval import ApprovalState, answered
from domain.installation import Installation
from domain.user import User


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerApprovals:
    """Needs no event: an approval shows as an installation that GitHub did not list when the person asked."""

    provider_connections: ProviderConnections
    begin_work: BeginWork
    clock: Clock

    async def __call__(self, user: User, proven: Sequence[Installation]) -> int:
        """Move what is answered or overdue; tell how many. Raises `UpstreamUnavailable` after that."""
        now = self.clock.now()
        async with self.begin_work() as work:
            asked = await work.approval_requests.of_user(user.id)
            moved = list(answered(asked, proven, user.account.id, now))
            done = {one.id for one in moved}
            moved += [
                one.moved(ApprovalState.EXPIRED, now, "no owner approved it in time")
                for one in asked
                if one.id not in done and one.is_overdue(now)
            ]
            moved = [one for one in moved if await work.approval_requests.move(one)]
        async with self.begin_work(atomic=False) as work:
            relied_on = {
                one.id for one in await work.installation_connections.find_all([one.connection_id for one in moved])
            }
        for request in moved:
            # Its person's token was kept only as long as it waited.
            if request.connection_id not in relied_on:
                await self.provider_connections.delete(request.connection_id)
        return len(moved)
