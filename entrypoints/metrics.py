"""What a monitor may know, counted where it is seen.

Labels come from closed sets: never a path, an id, or anything else that a stranger writes.
"""

import asyncio
import os
import time
from collections.abc import AsyncGenerator, Generator, Iterable
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from psycopg_pool import AsyncConnectionPool

from adapters.nango.budget import CallBudget, Share
from adapters.nango.calls import Outcome
from application.deliveries.accept_delivery import DeliveryAccepted
from application.deliveries.measure_backlog import BacklogMeasured
from application.deliveries.process_delivery import DeliveryHeld, DeliveryProcessed, ProcessDelivery
from application.reconcile.treatment import Treated
from application.replica.pull_due import Pulled
from domain.attempt import Attempt, LinkOutcome
from domain.delivery import DeliveryId, DeliveryState
from domain.installation import InstallationConnection

# Where processes that serve together add up; the library reads it when it is imported.
FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
TICK_SECONDS: Final = 1.0
QUICK: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
SLOW: Final = (0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1800, 7200, 86400)

counts: Final = CollectorRegistry()
log: Final = structlog.stdlib.get_logger()

ACCEPTED: Final = Counter("latchkey_deliveries_accepted", "Webhooks taken in.", ["kind"], registry=counts)
MERGED: Final = Counter("latchkey_deliveries_merged", "Of these: counted into an equal one.", registry=counts)
REFUSED: Final = Counter("latchkey_deliveries_refused", "Webhooks turned away.", ["reason"], registry=counts)
PROCESSED: Final = Counter(
    "latchkey_deliveries_processed", "Tries to act on a webhook.", ["kind", "outcome"], registry=counts
)
WAITED: Final = Histogram(
    "latchkey_delivery_wait_seconds", "From taking a webhook in to its first try.", registry=counts, buckets=SLOW
)
PROCESSING: Final = Histogram(
    "latchkey_delivery_processing_seconds", "One try to act on a webhook.", registry=counts, buckets=QUICK
)
CALLS: Final = Counter("latchkey_nango_calls", "Tries to call Nango.", ["share", "outcome"], registry=counts)
CALLS_LEFT: Final = Gauge(
    "latchkey_nango_calls_left",
    "Calls that a share may still make in this minute.",
    ["share"],
    registry=counts,
    multiprocess_mode="livesum",
)
FINDINGS: Final = Counter(
    "latchkey_reconcile_findings", "Differences that a reconcile found.", ["kind", "treatment"], registry=counts
)
PATCHED_BACK: Final = Counter(
    "latchkey_connections_patched_back", "Installations' connections that Nango gave to somebody.", registry=counts
)
LINKS: Final = Counter(
    "latchkey_links", "Tries to connect repositories that came to an end.", ["outcome"], registry=counts
)
PULLS: Final = Counter("latchkey_pulls", "Turns of pulling records.", ["kind", "outcome"], registry=counts)
RECORDS: Final = Counter("latchkey_records_pulled", "Records that were stored.", ["kind"], registry=counts)
REQUESTS: Final = Counter("latchkey_http_requests", "Requests.", ["route", "method", "status"], registry=counts)
REQUEST_SECONDS: Final = Histogram(
    "latchkey_http_request_seconds",
    "From a request to the beginning of its answer.",
    ["route", "method"],
    registry=counts,
    buckets=QUICK,
)
LOOP_LATE: Final = Histogram(
    "latchkey_event_loop_late_seconds", "How late the event loop woke somebody.", registry=counts, buckets=QUICK
)
POOL_WAITING: Final = Gauge(
    "latchkey_database_pool_waiting",
    "Those who wait for a connection to the database.",
    registry=counts,
    multiprocess_mode="livesum",
)


def count_accepted(accepted: DeliveryAccepted) -> None:
    ACCEPTED.labels(accepted.kind).inc()
    if not accepted.is_new:
        MERGED.inc()


def count_call(share: Share, outcome: Outcome) -> None:
    CALLS.labels(share, outcome).inc()


def note_link(attempt: Attempt) -> None:
    """Count a try to connect repositories, and log one that gained nothing: it may have been after others' things."""
    outcome = attempt.outcome or "refused"
    LINKS.labels(outcome).inc()
    if outcome in {"refused", LinkOutcome.NOTHING_PROVEN}:
        log.warning(
            "access_not_confirmed", user=str(attempt.user_id), claimed_installation=attempt.claim, outcome=outcome
        )


def count_patched_back(connection: InstallationConnection) -> None:
    PATCHED_BACK.inc()
    log.warning("connection_patched_back", installation=connection.installation_id)


def count_treated(treated: Treated) -> None:
    FINDINGS.labels(treated.finding.kind, treated.treatment).inc()


def count_pulled(pulled: Pulled) -> None:
    kind = pulled.sync.key.kind
    PULLS.labels(kind, pulled.outcome).inc()
    RECORDS.labels(kind).inc(pulled.records)


@dataclass(frozen=True, slots=True)
class MeasuredProcessing:
    """Processes deliveries, and counts what becomes of them."""

    process_delivery: ProcessDelivery

    async def __call__(self, delivery_id: DeliveryId) -> DeliveryProcessed | None:
        began = time.perf_counter()
        try:
            processed = await self.process_delivery(delivery_id)
        except DeliveryHeld as held:
            count_processed(held.processed, time.perf_counter() - began)
            raise
        if processed is not None:
            count_processed(processed, time.perf_counter() - began)
        return processed


def count_processed(processed: DeliveryProcessed, seconds: float) -> None:
    outcome = "retried" if processed.state is DeliveryState.WAITING else processed.state
    PROCESSED.labels(processed.kind, outcome).inc()
    PROCESSING.observe(seconds)
    if processed.waited is not None:
        WAITED.observe(processed.waited.total_seconds())


@asynccontextmanager
async def watched(budget: CallBudget, pool: AsyncConnectionPool) -> AsyncGenerator[None, None]:
    """Look every second at what changes by itself, until the block ends."""
    async with asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(watch(budget, pool))
        try:
            yield
        finally:
            watching.cancel()


async def watch(budget: CallBudget, pool: AsyncConnectionPool) -> None:
    while True:
        for share in Share:
            CALLS_LEFT.labels(share).set(budget.left(share))
        POOL_WAITING.set(pool.get_stats().get("requests_waiting", 0))
        slept_at = time.perf_counter()
        await asyncio.sleep(TICK_SECONDS)
        LOOP_LATE.observe(max(0.0, time.perf_counter() - slept_at - TICK_SECONDS))


@contextmanager
def added_up() -> Generator[None, None, None]:
    """Have the processes that are started inside of the block add their counts up."""
    with TemporaryDirectory(prefix="latchkey-metrics-") as folder:
        os.environ[FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[FOLDER]


class Looked(Collector):
    """Numbers that are not counted but looked up, each time somebody asks."""

    def __init__(self, backlog: BacklogMeasured | None) -> None:
        self._backlog = backlog

    def collect(self) -> Iterable[GaugeMetricFamily]:
        is_up = self._backlog is not None
        yield GaugeMetricFamily("latchkey_database_up", "Whether the numbers below could be read.", value=is_up)
        if self._backlog is not None:
            waiting, held, oldest_for = self._backlog.waiting, self._backlog.held, self._backlog.oldest_for
            yield GaugeMetricFamily("latchkey_deliveries_waiting", "Webhooks to act on.", value=waiting)
            yield GaugeMetricFamily("latchkey_deliveries_held", "Webhooks for a person to look at.", value=held)
            yield GaugeMetricFamily(
                "latchkey_deliveries_oldest_waiting_seconds",
                "For how long the oldest of them has waited.",
                value=oldest_for.total_seconds(),
            )


def in_text(backlog: BacklogMeasured | None) -> bytes:
    """Write everything in Prometheus' text format; what processes that serve together counted is added up."""
    looked = CollectorRegistry()
    looked.register(Looked(backlog))
    counted = counts
    if FOLDER in os.environ:
        counted = CollectorRegistry()
        MultiProcessCollector(counted)
    return generate_latest(counted) + generate_latest(looked)
