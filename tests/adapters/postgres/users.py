"""Real processes that use an embedded PostgreSQL, and what is left of the servers."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

ROOT: Final = Path(__file__).parents[3]
PROGRAM: Final = Path(__file__).with_name("user_process.py")
PATIENCE_SECONDS: Final = 30.0


class User:
    """A process of its own that uses the data folder until it leaves or is killed."""

    def __init__(self, data_dir: Path) -> None:
        self._process = subprocess.Popen(  # noqa: S603 (our own program)
            [sys.executable, str(PROGRAM), str(data_dir)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", "")))},
            start_new_session=True,
        )

    def conninfo(self) -> str:
        """Wait until the process is inside, and return how it connects."""
        assert self._process.stdout
        answer = self._process.stdout.readline().strip()
        assert answer, "the process ended without an answer"
        return answer

    def press_ctrl_c(self) -> None:
        os.killpg(self._process.pid, signal.SIGINT)

    def leave(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        assert self._process.wait(PATIENCE_SECONDS) == 0
        self.kill()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(PATIENCE_SECONDS)
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe
            pipe.close()


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)


def processes_of(data_dir: Path) -> list[psutil.Process]:
    """Return every process of PostgreSQL that works in the data folder."""
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.name() == "postgres" and Path(process.cwd()).is_relative_to(data_dir.resolve()):
                found.append(process)
    return found


def postmasters_of(data_dir: Path) -> list[int]:
    pids: list[int] = []
    for process in processes_of(data_dir):
        with suppress(psutil.Error):
            if "-D" in process.cmdline():
                pids.append(process.pid)
    return pids


def stop_by_force(data_dir: Path) -> None:
    for process in processes_of(data_dir):
        with suppress(psutil.Error):
            process.kill()
    eventually(lambda: not processes_of(data_dir))
