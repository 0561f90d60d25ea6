"""Prove again, in the background, what is due."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.ports.access_checks import AccessCheck
from application.ports.clock import Clock
from application.ports.unit_of_work import BeginWork
from application.repositories.renew_access import RenewAccess
from domain.errors import UpstreamUnavailable

BATCH: Final = 5
# Longer than proving one person takes, unless their lists are very long; then another process may try.
LEASE: Final = timedelta(minutes=5)
RETRY_IN: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewDue:
    """The longest due first; any number of processes side by side."""

    renew_access: RenewAccess
    begin_work: BeginWork
    clock: Clock

    async def __call__(self) -> int:
        """Renew a batch; tell how many. Raises `UpstreamUnavailable` for the first that could not be."""
        now = self.clock.now()
        async with self.begin_work(atomic=False) as work:
            checks = await work.access_checks.claim(now, now + LEASE, BATCH)
        failure: UpstreamUnavailable | None = None
        for check in checks:
            try:
                await self._renew(check)
            except UpstreamUnavailable as error:
                failure = failure or error
        if failure is not None:
            raise failure
        return len(checks)

    async def _renew(self, check: AccessCheck) -> None:
        next_due_at = self.clock.now() + RETRY_IN
        try:
            next_due_at = await self.renew_access(check.user_id)
        except UpstreamUnavailable as error:
            next_due_at = self.clock.now() + max(RETRY_IN, error.retry_after or RETRY_IN)
            raise
        finally:
            async with self.begin_work(atomic=False) as work:
                await work.access_checks.done(check, next_due_at)
