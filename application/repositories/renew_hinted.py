"""Somebody's access may have changed, or an owner may have answered them."""

from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.unit_of_work import BeginWork
from application.repositories.renew_access import RenewAccess
from domain.errors import ListTooLong
from domain.user import UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewHinted:
    renew_access: RenewAccess
    begin_work: BeginWork
    clock: Clock

    async def __call__(self, user_id: UserId) -> str:
        """Prove anew what the person may see, and say when it is due next; raises `UpstreamUnavailable`.

        Hints have few calls: what is too long for them is left to the background.
        """
        try:
            next_due_at = await self.renew_access(user_id)
        except ListTooLong:
            async with self.begin_work(atomic=False) as work:
                await work.access_checks.want(user_id, self.clock.now())
            return "what they may see is too long a list for a hint: it is proven in the background"
        if next_due_at is not None:
            async with self.begin_work(atomic=False) as work:
                await work.access_checks.want(user_id, next_due_at)
        return "what they may see was proven anew"
