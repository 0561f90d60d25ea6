"""What PostgreSQL writes about itself into `postmaster.pid`."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

PORT: Final = 5432
SOCKET_NAME: Final = f".s.PGSQL.{PORT}"
SOCKET_LINE: Final = 4
STATUS_LINE: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Postmaster:
    """The first process of a server, as its file describes it: a claim, which outlives a crash of the machine."""

    pid: int
    data: Path
    socket_folder: Path | None
    is_ready: bool

    def is_alive(self) -> bool:
        """Tell whether the process with this id is that server, and not another one that got the id since."""
        with suppress(psutil.Error):
            process = psutil.Process(self.pid)
            return process.name() == "postgres" and Path(process.cwd()) == self.data
        return False


def read_postmaster(data: Path) -> Postmaster | None:
    """Read the file; `None` when there is none, or when its first line is not written yet."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        pid = abs(int(lines[0]))
    except (FileNotFoundError, IndexError, ValueError):
        return None
    folder = lines[SOCKET_LINE].strip() if len(lines) > SOCKET_LINE else ""
    return Postmaster(
        pid=pid,
        data=data,
        socket_folder=Path(folder) if folder else None,
        is_ready=len(lines) > STATUS_LINE and lines[STATUS_LINE].strip() == "ready",
    )


def remove_remains(data: Path) -> None:
    """Remove what a server that is certainly gone left behind, or PostgreSQL trusts the process ids in it."""
    postmaster = read_postmaster(data)
    if postmaster and postmaster.socket_folder:
        remove_sockets(postmaster.socket_folder)
    (data / "postmaster.pid").unlink(missing_ok=True)


def remove_sockets(folder: Path) -> None:
    for name in (SOCKET_NAME, f"{SOCKET_NAME}.lock"):
        (folder / name).unlink(missing_ok=True)
    # The home of the server is not empty and stays; a folder made for the socket alone goes.
    with suppress(OSError):
        folder.rmdir()
