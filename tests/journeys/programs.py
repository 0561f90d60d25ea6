"""The commands of Latchkey as processes of their own."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote

from psycopg.conninfo import conninfo_to_dict

from tests.journeys.waiting import eventually

LATCHKEY: Final = Path(sys.executable).with_name("latchkey")
STOP_SECONDS: Final = 20.0
READY_LINES: Final = {
    "serve": "Latchkey serves ",
    "worker": "Latchkey works on ",
    "sandbox": "The sandbox of Nango and GitHub serves ",
}


class Program:
    """One running command; everything that it says goes to a file."""

    def __init__(self, arguments: list[str], environment: Mapping[str, str], log: Path) -> None:
        self.command = arguments[0]
        self.log = log
        self._was_killed = False
        self._said_before = len(self.said())
        with log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [LATCHKEY, *arguments],
                env={"PATH": os.environ.get("PATH", ""), "HOST": "127.0.0.1", **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_ready(self) -> None:
        eventually(self._is_ready, f"the start of {self.command}", 30.0)

    def said(self) -> str:
        return self.log.read_text() if self.log.exists() else ""

    @property
    def pid(self) -> int:
        return self._process.pid

    def is_running(self) -> bool:
        return self._process.poll() is None

    def terminate(self) -> None:
        """Ask it to stop, as an operator does, without waiting."""
        self.send(signal.SIGTERM)

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def wait(self) -> int:
        return self._process.wait(STOP_SECONDS)

    def kill(self) -> None:
        """Let it die on the spot, as a power failure would."""
        self._was_killed = True
        self._process.kill()
        self.wait()

    def stop(self) -> None:
        """Stop it for good; whatever was not killed by a test has to end by itself and cleanly."""
        if self._was_killed:
            return
        self.terminate()
        try:
            assert self.wait() == 0, f"{self.command} did not stop cleanly:\n{self.said()[-2000:]}"
        finally:
            if self.is_running():
                self.kill()

    def _is_ready(self) -> bool:
        said = self.said()[self._said_before :]
        assert self.is_running(), f"{self.command} ended by itself:\n{said}"
        return READY_LINES[self.command] in said


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def url_of(conninfo: str) -> str:
    """Write a conninfo as the URL that `DATABASE_URL` has to be."""
    parts = {name: quote(str(value), safe="") for name, value in conninfo_to_dict(conninfo).items() if value}
    return f"postgresql:///{parts.pop('dbname')}?" + "&".join(f"{name}={value}" for name, value in parts.items())
