"""An app of somebody's, on an origin of its own: what a test puts there, and the library of Nango."""

import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

import pytest

from entrypoints.browser_files import SERVED
from tests.browser.pages import HOST


class App:
    def __init__(self, port: int, files: dict[str, str]) -> None:
        self.origin: Final = f"http://{HOST}:{port}"
        self._files: Final = files

    def put(self, path: str, content: str) -> str:
        """Have a page or a script (`….js`) at a path, and return its address."""
        self._files[path] = content
        return f"{self.origin}{path}"


@contextmanager
def running_app() -> Generator[App]:
    if not (SERVED / "index.js").is_file():
        pytest.fail("Nango's library is not there: run make install", pytrace=False)
    files: dict[str, str] = {}
    with ThreadingHTTPServer((HOST, 0), handler_of(files)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield App(server.server_port, files)
        server.shutdown()
        thread.join()


def handler_of(files: Mapping[str, str]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = files.get(self.path)
            body = (SERVED / Path(self.path).name).read_bytes() if content is None else content.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/javascript" if self.path.endswith(".js") else "text/html")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the base class
            """Say nothing."""

    return Handler
