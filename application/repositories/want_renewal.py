"""GitHub sends somebody's browser here unasked: what they may see may have changed."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.ports.clock import Clock
from application.ports.unit_of_work import BeginWork
from domain.user import UserId

# Anybody can have a browser come here, as often as they like.
REST: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class WantRenewal:
    """A hint, and no more: it is proven anew soon, in the background."""

    begin_work: BeginWork
    clock: Clock

    async def __call__(self, user_id: UserId) -> None:
        async with self.begin_work(atomic=False) as work:
            proofs = await work.grants.proofs_of(user_id)
            soonest = max((proof.proved_at + REST for proof in proofs), default=self.clock.now())
            await work.access_checks.want(user_id, max(soonest, self.clock.now()))
