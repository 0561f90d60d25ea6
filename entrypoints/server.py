"""Serving an ASGI application until told to stop."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Final

import uvicorn
from litestar import Litestar

from entrypoints.settings import WrongSetting

DRAIN_SECONDS: Final = 10
BACKLOG: Final = 1024
# How long one of several processes may take to start, or to give a sign of life.
START_SECONDS: Final = 30
# Beyond this many open requests uvicorn answers 503 at once.
MOST_REQUESTS: Final = 2000


class Server(uvicorn.Server):
    """Uvicorn, with the signals left to us: it would end the process before we have cleaned up."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.has_started = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.has_started.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """An application and the socket it is served on."""

    app: Litestar
    listener: socket.socket
    trusted_proxies: Sequence[str] = ()
    on_stop: Callable[[], None] = lambda: None

    def server(self) -> Server:
        return Server(configuration(self.app, self.trusted_proxies))


def configuration(
    app: Litestar | Callable[[], Litestar], trusted_proxies: Sequence[str], *, factory: bool = False, workers: int = 1
) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        factory=factory,
        workers=workers,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=list(trusted_proxies),
        timeout_graceful_shutdown=DRAIN_SECONDS,
        limit_concurrency=MOST_REQUESTS,
        timeout_worker_healthcheck=START_SECONDS,
        lifespan="on",
    )


def listen(host: str, port: int) -> socket.socket:
    """Bind a listening socket; port 0 takes a free one. Raises `WrongSetting` if that cannot be."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise WrongSetting(f"HOST and PORT: cannot listen on {host}:{port}: {error.strerror or error}") from error
    return listener


async def serve(sites: Sequence[Site], on_ready: Callable[[], None]) -> None:
    """Serve all sites until SIGTERM or SIGINT, or until one of them ends."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    servers = [(site.server(), site.listener) for site in sites]
    async with asyncio.TaskGroup() as tasks:
        for server, listener in servers:
            tasks.create_task(server.serve(sockets=[listener])).add_done_callback(lambda _: stop.set())
        for server, _ in servers:
            await server.has_started.wait()
        if all(server.started for server, _ in servers):
            on_ready()
        await stop.wait()
        for site in sites:
            site.on_stop()
        for server, _ in servers:
            server.should_exit = True
