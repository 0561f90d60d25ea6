"""`latchkey demo` as people run it: a process of its own, told by a signal to end."""

import asyncio
import os
import re
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from tests.browser.pages import HOST
from tests.databases import temporary_data_dir

COMMAND: Final = Path(sys.executable).with_name("latchkey")
START_SECONDS: Final = 60
STOP_SECONDS: Final = 30
INVITATION: Final = re.compile(r"Open (http://\S+) and sign in\.")


@dataclass(kw_only=True)
class Demo:
    """A running demo, and after its block how it ended."""

    origin: str
    folder: Path
    exit_status: int | None = None
    left_behind: tuple[str, ...] = ()

    def processes(self) -> tuple[str, ...]:
        """Name the processes that work in the demo's folder: PostgreSQL's."""
        found: list[str] = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if Path(process.cwd()).is_relative_to(self.folder):
                    found.append(process.name())
        return tuple(found)


@asynccontextmanager
async def running_demo() -> AsyncGenerator[Demo]:
    """Run a demo with a data folder and a port of its own; its log shows when a test fails."""
    with temporary_data_dir("latchkey-demo-") as folder:
        process = await asyncio.create_subprocess_exec(
            COMMAND,
            "demo",
            env={
                **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
                "HOST": HOST,
                "PORT": str(free_port()),
                "LATCHKEY_DATA_DIR": str(folder),
                "LOG_LEVEL": "WARNING",
            },
            stdout=PIPE,
        )
        try:
            demo = Demo(origin=await origin_told(process), folder=folder)
            yield demo
        finally:
            await end(process)
        demo.exit_status = process.returncode
        demo.left_behind = demo.processes()


async def origin_told(process: Process) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(START_SECONDS):
        line = (await process.stdout.readline()).decode()
    invitation = INVITATION.match(line)
    assert invitation, f"the demo said {line!r}"
    return invitation[1]


async def end(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def free_port() -> int:
    with socket.create_server((HOST, 0)) as listener:
        return listener.getsockname()[1]
