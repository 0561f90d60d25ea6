"""Tell what is still to be done, as often as a monitor asks."""

from dataclasses import dataclass
from datetime import timedelta

from application.ports.clock import Clock
from application.ports.unit_of_work import BeginWork


@dataclass(frozen=True, slots=True, kw_only=True)
class BacklogMeasured:
    """`oldest_for` is how long the oldest has waited; zero if none waits."""

    waiting: int
    held: int
    oldest_for: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureBacklog:
    begin_work: BeginWork
    clock: Clock

    async def __call__(self) -> BacklogMeasured:
        """Look; raises `UpstreamUnavailable` if the database is away."""
        async with self.begin_work(atomic=False) as work:
            backlog = await work.deliveries.backlog()
        now = self.clock.now()
        return BacklogMeasured(
            waiting=backlog.waiting,
            held=backlog.held,
            oldest_for=max(now - (backlog.oldest_waiting or now), timedelta(0)),
        )
