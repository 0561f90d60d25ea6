"""A tap on the line between Latchkey and Nango: it sees every request, and a test may step in."""

import http.client
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Final
from urllib.parse import parse_qs, urlsplit

HOP_BY_HOP: Final = {"connection", "content-length", "date", "keep-alive", "server", "transfer-encoding"}
PATIENCE_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Asked:
    """A request on its way to Nango."""

    method: str
    target: str

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.target).query, keep_blank_values=True)

    def fits(self, method: str, path: str) -> bool:
        return self.method == method and fnmatchcase(self.path, path)


@dataclass(slots=True)
class Stop:
    """Holds one request up, so that a test can do something at exactly that moment."""

    reached: Event = field(default_factory=Event)
    passed: Event = field(default_factory=Event)

    def wait_until_reached(self) -> None:
        assert self.reached.wait(PATIENCE_SECONDS), "no such request was sent"

    def hold(self) -> None:
        self.reached.set()
        self.passed.wait(PATIENCE_SECONDS)

    def release(self) -> None:
        self.passed.set()


@dataclass(slots=True)
class Step:
    """What a test does to the first request of a kind."""

    method: str
    path: str
    change: Callable[[str], str] | None = None
    before: Callable[[], object] | None = None
    after: Callable[[], object] | None = None
    hang_up: bool = False


class Tap:
    def __init__(self, port: int) -> None:
        self.asked: list[Asked] = []
        self._steps: list[Step] = []
        self._stops: list[Stop] = []
        self._nango_port = port
        self._server = Server(("127.0.0.1", 0), self._handler())
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self.clear()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def clear(self) -> None:
        """Forget what was asked, and step in no more."""
        self._steps.clear()
        self.asked.clear()
        for stop in self._stops:
            stop.release()
        self._stops.clear()

    def of(self, method: str, path: str) -> list[Asked]:
        return [asked for asked in self.asked if asked.fits(method, path)]

    def step_in(self, step: Step) -> None:
        self._steps.append(step)

    def stop_before(self, method: str, path: str) -> Stop:
        """Hold up the next such request before Nango gets it."""
        stop = self._new_stop()
        self.step_in(Step(method, path, before=stop.hold))
        return stop

    def stop_after(self, method: str, path: str) -> Stop:
        """Hold up Nango's answer to the next such request."""
        stop = self._new_stop()
        self.step_in(Step(method, path, after=stop.hold))
        return stop

    def _new_stop(self) -> Stop:
        stop = Stop()
        self._stops.append(stop)
        return stop

    def take_step(self, asked: Asked) -> Step:
        step = next((one for one in self._steps if asked.fits(one.method, one.path)), None)
        if step is None:
            return Step(asked.method, asked.path)
        self._steps.remove(step)
        return step

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        tap, port = self, self._nango_port

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = PATIENCE_SECONDS
            # Otherwise the body waits 40 ms for the head to be acknowledged.
            disable_nagle_algorithm = True

            def pass_on(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                asked = Asked(self.command, self.path)
                tap.asked.append(asked)
                step = tap.take_step(asked)
                if step.before:
                    step.before()
                target = step.change(self.path) if step.change else self.path
                nango = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
                try:
                    nango.request(self.command, target, body or None, dict(self.headers))
                    answer = nango.getresponse()
                    content = answer.read()
                finally:
                    nango.close()
                if step.after:
                    step.after()
                if step.hang_up:
                    self.close_connection = True
                else:
                    self._answer(answer, content)

            def _answer(self, answer: http.client.HTTPResponse, content: bytes) -> None:
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in HOP_BY_HOP:
                        self.send_header(name, value)
                if content or answer.status not in {204, 304}:
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the library
                pass

            do_GET = do_POST = do_PATCH = do_DELETE = pass_on  # noqa: N815 - names of the library

        return Handler


class Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 256

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a process that was killed hangs up."""
