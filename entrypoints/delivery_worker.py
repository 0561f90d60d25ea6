"""Deliveries are worked on, by as many processes as there are."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import psycopg
import structlog
from pgqueuer.domain.errors import PgqException, RetryRequested
from pgqueuer.domain.models import Job
from pgqueuer.qm import QueueManager
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from adapters.pgqueuer.driver import ListeningDriver
from adapters.pgqueuer.tables import DELIVERY, SETTINGS, queries_over
from adapters.postgres.pool import AWAY, patient
from application.deliveries.process_delivery import DeliveryHeld, DeliveryProcessed
from domain.delivery import DeliveryId
from domain.errors import UpstreamUnavailable

log = structlog.get_logger()

BATCH: Final = 10
# The library wants two batches at least.
AT_ONCE: Final = 20
LOOK_AGAIN: Final = timedelta(seconds=5)
LOST: Final = (*AWAY, psycopg.Error, PgqException)
RECONNECT_SECONDS: Final = 1.0
# While the database is away nothing can be told of the delivery either.
DATABASE_PAUSE: Final = timedelta(seconds=5)
BUG_PAUSE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryWorker:
    """Listens over a connection of its own, which is made anew when it is lost."""

    conninfo: str
    pool: AsyncConnectionPool
    lease: timedelta
    """After this long without a sign of life a worker is dead, and others take over what it had begun."""
    process_delivery: Callable[[DeliveryId], Awaitable[DeliveryProcessed | None]]

    async def work(self, stop: asyncio.Event) -> None:
        """Work until told to stop, then finish what is under way."""
        async with self.pool:
            await self._work_on(stop)

    async def _work_on(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                async with await connect(self.conninfo) as connection:
                    await self._work_over(connection, stop)
            except LOST as error:
                log.warning("delivery_worker_lost", reason=type(error).__name__, again_in_seconds=RECONNECT_SECONDS)
            except Exception:
                # The rest of the service goes on, and so will this.
                log.exception("bug", job=DELIVERY)
            with suppress(TimeoutError):
                async with asyncio.timeout(RECONNECT_SECONDS):
                    await stop.wait()

    async def _work_over(self, connection: AsyncConnection, stop: asyncio.Event) -> None:
        manager = QueueManager(queries_over(ListeningDriver(connection, self.pool)), channel=SETTINGS.channel)
        # What the queue itself cannot bring to an end leaves it, and is found as stranded.
        manager.entrypoint(DELIVERY)(self._process)
        ending = asyncio.create_task(end(manager, stop))
        try:
            await manager.run(
                batch_size=BATCH,
                max_concurrent_tasks=AT_ONCE,
                dequeue_timeout=LOOK_AGAIN,
                heartbeat_timeout=self.lease,
                shutdown_on_listener_failure=True,
                log_aggregation_interval=timedelta(0),
            )
        finally:
            ending.cancel()

    async def _process(self, job: Job) -> None:
        try:
            processed = await self.process_delivery(DeliveryId(int(job.payload or b"0")))
        except UpstreamUnavailable as error:
            log.warning("postponed", job=DELIVERY, code=error.code, reason=str(error))
            raise RetryRequested(DATABASE_PAUSE) from error
        except DeliveryHeld:
            log.exception("bug", job=DELIVERY)
            return
        except Exception as error:
            # Not even that could be written down.
            log.exception("bug", job=DELIVERY)
            raise RetryRequested(BUG_PAUSE) from error
        if processed is None:
            return
        log.info("delivery", id=processed.id, kind=processed.kind, state=processed.state, note=processed.note)
        if processed.retry_in is not None:
            raise RetryRequested(processed.retry_in)


async def connect(conninfo: str) -> AsyncConnection:
    return await AsyncConnection.connect(patient(conninfo), autocommit=True, application_name="latchkey deliveries")


async def end(manager: QueueManager, stop: asyncio.Event) -> None:
    await stop.wait()
    manager.shutdown.set()
