"""The service as several processes that share one listening socket."""

import asyncio
import math
import multiprocessing
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from types import FrameType

import msgspec
import structlog
from litestar import Litestar
from prometheus_client.multiprocess import mark_process_dead  # pyright: ignore[reportUnknownVariableType]
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors.multiprocess import Multiprocess

from entrypoints.http.app import end_waits
from entrypoints.logs import configure_logs
from entrypoints.metrics import added_up
from entrypoints.server import START_SECONDS, configuration
from entrypoints.service import create_service
from entrypoints.settings import Settings

log = structlog.get_logger()


class Family(Multiprocess):
    """Uvicorn's supervisor, which replaces a process that died or hangs, and says when all of them serve."""

    def __init__(
        self, settings: Settings, conninfo: str, listener: socket.socket, on_ready: Callable[[], None]
    ) -> None:
        create = partial(create_one_of_many, settings, conninfo)
        config = configuration(create, settings.trusted_proxies, factory=True, workers=settings.processes)
        super().__init__(config, [listener])
        # Heard at once, while the processes start too; and their number stays what the calls were divided by.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _, __: self.should_exit.set())
        for number in (signal.SIGTTIN, signal.SIGTTOU):
            signal.signal(number, signal.SIG_IGN)
        self._on_ready = on_ready
        self._is_measured = settings.metrics_token is not None
        self._counting = set[int | None]()

    def init_processes(self) -> None:
        super().init_processes()
        if all(process.wait_until_ready(START_SECONDS, self.should_exit) for process in self.processes):
            self._on_ready()

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT; ends with status 3 if a process cannot start."""
        try:
            with added_up() if self._is_measured else nullcontext():
                super().run()
        finally:
            # What a second signal would interrupt is the cleaning up.
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        if any(process.exitcode == STARTUP_FAILURE for process in self.processes):
            sys.exit(STARTUP_FAILURE)

    def keep_subprocess_alive(self) -> None:
        super().keep_subprocess_alive()
        if self._is_measured:
            self._forget_the_dead()

    def _forget_the_dead(self) -> None:
        """Keep what they counted, but no longer what they had."""
        living = {process.pid for process in self.processes}
        for pid in self._counting - living:
            mark_process_dead(pid)
        self._counting = living


def create_one_of_many(settings: Settings, conninfo: str) -> Litestar:
    """Build the application inside one of the processes; what fails here would fail again, and ends all of them."""
    configure_logs(settings.log_level)
    threading.Thread(target=leave_with_parent, daemon=True).start()
    try:
        app = create_service(part_of(settings), conninfo)
    except Exception:
        log.exception("bug")
        sys.exit(STARTUP_FAILURE)
    before_sigterm(partial(end_waits, app))
    return app


def before_sigterm(act: Callable[[], None]) -> None:
    """Do something more when this process is told to end, and then what was done before."""
    loop, former = asyncio.get_running_loop(), signal.getsignal(signal.SIGTERM)

    def handle(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(act)
        if callable(former):
            former(number, frame)

    signal.signal(signal.SIGTERM, handle)


def part_of(settings: Settings) -> Settings:
    """Divide what all processes together may do."""
    count = settings.processes
    return msgspec.structs.replace(
        settings,
        processes=1,
        nango_calls_per_minute=settings.nango_calls_per_minute // count,
        login_starts_per_minute=math.ceil(settings.login_starts_per_minute / count),
        callbacks_per_minute=math.ceil(settings.callbacks_per_minute / count),
    )


def leave_with_parent() -> None:
    """End in order when the parent was killed: what it leaves behind would keep the port."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
