"""The work that no request waits for."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import structlog

from application.deliveries.process_delivery import ProcessDelivery
from application.forget_expired import ForgetExpired
from application.login.settle_connections import SettleConnections
from application.login.sweep_attempts import SweepAttempts
from domain.errors import UpstreamUnavailable

log = structlog.get_logger()

DELIVERIES_AT_ONCE: Final = 8
DELIVERY_POLL_SECONDS: Final = 0.5
HELPER_POLL_SECONDS: Final = 10.0
SWEEP_SECONDS: Final = 5.0
FORGET_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """Processes deliveries and cleans up; any number of them may run side by side."""

    process_delivery: ProcessDelivery
    sweep_attempts: SweepAttempts
    settle_connections: SettleConnections
    forget_expired: ForgetExpired
    bell: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    """Released once for each delivery that this very process accepted: it need not wait for the next poll."""

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None, None]:
        """Work until the block ends, then finish what is under way."""
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            for number in range(DELIVERIES_AT_ONCE):
                # One asks for work by itself; the others come when there is some.
                pause_seconds = HELPER_POLL_SECONDS if number else DELIVERY_POLL_SECONDS
                tasks.create_task(self._repeat(partial(self._process_all, stop), pause_seconds, stop, self.bell))
            tasks.create_task(self._repeat(self.sweep_attempts, SWEEP_SECONDS, stop))
            tasks.create_task(self._repeat(self.settle_connections, SWEEP_SECONDS, stop))
            tasks.create_task(self._repeat(self.forget_expired, FORGET_SECONDS, stop))
            try:
                yield
            finally:
                stop.set()
                for _ in range(DELIVERIES_AT_ONCE):
                    self.bell.release()

    async def _process_all(self, stop: asyncio.Event) -> None:
        while not stop.is_set() and (processed := await self.process_delivery()):
            log.info("delivery", id=processed.id, kind=processed.kind, state=processed.state, note=processed.note)

    async def _repeat(
        self,
        job: Callable[[], Awaitable[object]],
        pause_seconds: float,
        stop: asyncio.Event,
        bell: asyncio.Semaphore | None = None,
    ) -> None:
        while not stop.is_set():
            try:
                await job()
            except UpstreamUnavailable as error:
                log.warning("postponed", job=name_of(job), code=error.code, reason=str(error))
            except Exception:
                # One bad object must not end the work on all others.
                log.exception("bug", job=name_of(job))
            with suppress(TimeoutError):
                async with asyncio.timeout(pause_seconds):
                    await (bell.acquire() if bell else stop.wait())


def name_of(job: Callable[[], Awaitable[object]]) -> str:
    return "ProcessDelivery" if isinstance(job, partial) else type(job).__name__
