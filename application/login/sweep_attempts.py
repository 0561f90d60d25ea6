"""Clean up after sign-ins that never finished."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.ports.clock import Clock
from application.ports.provider_connections import ProviderConnections
from application.ports.unit_of_work import BeginWork
from domain.attempt import SWEEP_REST, Attempt, AttemptState, Purpose
from domain.errors import UpstreamUnavailable

BATCH: Final = 20
RETRY_REST: Final = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepAttempts:
    """Delete what failed attempts left in Nango.

    An attempt of the redirect door that was never brought back needs no call: its state and session token never left
    the server, so nobody can have made a connection of it.
    """

    provider_connections: Mapping[Purpose, ProviderConnections]
    begin_work: BeginWork
    clock: Clock

    async def __call__(self) -> int:
        """Sweep a batch; tell how many. Raises `UpstreamUnavailable`."""
        async with self.begin_work(atomic=False) as work:
            attempts = await work.attempts.to_sweep(self.clock.now(), BATCH)
        failure: UpstreamUnavailable | None = None
        for attempt in attempts:
            try:
                await self.sweep(attempt)
            except UpstreamUnavailable as error:
                # One that Nango will not take must not keep the others.
                failure = failure or error
        if failure is not None:
            raise failure
        return len(attempts)

    async def sweep(self, attempt: Attempt) -> None:
        """Delete every connection of one attempt, unless it finished after all. Raises `UpstreamUnavailable`."""
        async with self.begin_work() as work:
            if attempt.state is not AttemptState.FAILING and not await work.attempts.move(
                attempt.moved(AttemptState.FAILING)
            ):
                return
            # Whatever happens now, the others come first next time.
            await work.attempts.rest(attempt.id, self.clock.now() + RETRY_REST)
        provided = self.provider_connections[attempt.purpose]
        left = await provided.of_end_user(attempt.end_user_id)
        async with self.begin_work(atomic=False) as work:
            # Nango may have given an installation's connection to whoever came last.
            ours = {one.id for one in await work.installation_connections.find_all(left)}
        for connection_id in left:
            if connection_id not in ours:
                await provided.delete(connection_id)
        async with self.begin_work(atomic=False) as work:
            await work.attempts.move(attempt.resting_as(AttemptState.FAILED, self.clock.now() + SWEEP_REST))
