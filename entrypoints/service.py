"""The service in one process: application, worker, connections."""

import asyncio
import signal
import socket
from collections.abc import Callable
from functools import partial

from litestar import Litestar

from entrypoints.container import Container
from entrypoints.delivery_worker import DeliveryWorker
from entrypoints.http.app import create_app, end_waits
from entrypoints.metrics import MeasuredProcessing
from entrypoints.mode import LogMode
from entrypoints.reconcile_chore import ReconcileChore
from entrypoints.record_puller import RecordPuller
from entrypoints.server import Site
from entrypoints.settings import Settings
from entrypoints.worker import Worker


def service_site(settings: Settings, conninfo: str, listener: socket.socket) -> Site:
    app = create_service(settings, conninfo)
    return Site(app=app, listener=listener, trusted_proxies=settings.trusted_proxies, on_stop=partial(end_waits, app))


def create_service(settings: Settings, conninfo: str) -> Litestar:
    """Build the application, with a worker inside."""
    container = Container(settings=settings, conninfo=conninfo)
    return create_app(container, worker=worker_of(container))


async def run_worker(settings: Settings, conninfo: str, on_ready: Callable[[], None]) -> None:
    """Work until SIGTERM or SIGINT."""
    container = Container(settings=settings, conninfo=conninfo)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with container.pool(), container.nango_http(), worker_of(container).running():
        on_ready()
        await stop.wait()


def worker_of(container: Container) -> Worker:
    return Worker(
        delivery_worker=DeliveryWorker(
            conninfo=container.conninfo(),
            pool=container.queue_pool(),
            lease=container.settings().worker_lease,
            process_delivery=MeasuredProcessing(container.process_delivery()),
        ),
        record_puller=RecordPuller(pull_due=container.pull_due()),
        sweep_attempts=container.sweep_attempts(),
        settle_connections=container.settle_leftovers(),
        settle_installations=container.settle_leftover_installations(),
        renew_due=container.renew_due(),
        start_syncs=container.start_syncs(),
        delete_unused=container.delete_unused(),
        forget_expired=container.forget_expired(),
        requeue_stranded=container.requeue_stranded(),
        reconcile=ReconcileChore(reconcile_logins=container.reconcile_logins()),
        log_mode=LogMode(
            begin_work=container.begin_work(),
            clock=container.clock(),
            reconcile_minutes=container.settings().reconcile_minutes,
        ),
    )
