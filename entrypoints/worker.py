"""The work that no request waits for."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

import structlog

from application.deliveries.requeue_stranded import RequeueStranded
from application.forget_expired import ForgetExpired
from application.login.settle_connections import SettleConnections
from application.login.sweep_attempts import SweepAttempts
from application.replica.delete_unused import DeleteUnused
from application.replica.start_syncs import StartSyncs
from application.repositories.renew_due import RenewDue
from application.repositories.settle_installations import SettleInstallations
from domain.errors import UpstreamUnavailable
from entrypoints.delivery_worker import DeliveryWorker
from entrypoints.mode import LogMode
from entrypoints.reconcile_chore import ReconcileChore
from entrypoints.record_puller import PULLERS, RecordPuller

log = structlog.get_logger()

SWEEP_SECONDS: Final = 5.0
RENEW_SECONDS: Final = 2.0
START_SYNCS_SECONDS: Final = 5.0
RECONCILE_SECONDS: Final = 10.0
FORGET_SECONDS: Final = 60.0
DELETE_SECONDS: Final = 600.0
REQUEUE_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """Processes deliveries and cleans up; any number of them may run side by side."""

    delivery_worker: DeliveryWorker
    record_puller: RecordPuller
    sweep_attempts: SweepAttempts
    settle_connections: SettleConnections
    settle_installations: SettleInstallations
    renew_due: RenewDue
    start_syncs: StartSyncs
    delete_unused: DeleteUnused
    forget_expired: ForgetExpired
    requeue_stranded: RequeueStranded
    reconcile: ReconcileChore
    log_mode: LogMode

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None, None]:
        """Work until the block ends, then finish what is under way."""
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.delivery_worker.work(stop))
            tasks.create_task(self._repeat(self.sweep_attempts, SWEEP_SECONDS, stop))
            tasks.create_task(self._repeat(self.settle_connections, SWEEP_SECONDS, stop))
            tasks.create_task(self._repeat(self.settle_installations, SWEEP_SECONDS, stop))
            tasks.create_task(self._repeat(self.forget_expired, FORGET_SECONDS, stop))
            tasks.create_task(self._repeat(self.delete_unused, DELETE_SECONDS, stop))
            tasks.create_task(self._repeat(self.requeue_stranded, REQUEUE_SECONDS, stop))
            tasks.create_task(self._attempt(self.log_mode))
            patient = [
                tasks.create_task(self._repeat(self.reconcile, RECONCILE_SECONDS, stop)),
                tasks.create_task(self._repeat(self.renew_due, RENEW_SECONDS, stop)),
                *(tasks.create_task(self.record_puller.work(stop)) for _ in range(PULLERS)),
                tasks.create_task(self._repeat(self.start_syncs, START_SYNCS_SECONDS, stop)),
            ]
            try:
                yield
            finally:
                stop.set()
                # These may be waiting for calls for minutes, and whatever they leave half done is found again.
                for task in patient:
                    task.cancel()

    async def _repeat(self, job: Callable[[], Awaitable[object]], pause_seconds: float, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await self._attempt(job)
            with suppress(TimeoutError):
                async with asyncio.timeout(pause_seconds):
                    await stop.wait()

    async def _attempt(self, job: Callable[[], Awaitable[object]]) -> None:
        try:
            await job()
        except UpstreamUnavailable as error:
            log.warning("postponed", job=type(job).__name__, code=error.code, reason=str(error))
        except Exception:
            # One bad object must not end the work on all others.
            log.exception("bug", job=type(job).__name__)
