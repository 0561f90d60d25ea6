"""One PostgreSQL server and its files: made, started and stopped. Callers hold the door, so one at a time."""

import os
import shutil
import signal
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from adapters.postgres.embedded_account import Account
from adapters.postgres.embedded_binaries import programs_for
from adapters.postgres.embedded_locks import LockFile, is_free, locked, wait_until
from adapters.postgres.embedded_postmaster import (
    PORT,
    SOCKET_NAME,
    Postmaster,
    read_postmaster,
    remove_remains,
    remove_sockets,
)
from adapters.postgres.embedded_unavailable import EmbeddedPostgresUnavailable

SUPERUSER: Final = "postgres"
# The shortest limit of the systems we run on, with the closing zero byte taken off (Linux has 108, macOS 104).
LONGEST_SOCKET_PATH: Final = 103
LONGEST_LOG_BYTES: Final = 1_000_000
# A database that recovers after a crash may take its time; giving up earlier would never let it finish.
START_SECONDS: Final = 120.0
STOP_SECONDS: Final = 60.0

SETTINGS: Final = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # What a stranger can trigger (a refused statement, with its values) stays out of a log that nobody rotates.
    "log_min_messages": "log",
    "log_checkpoints": "off",
}
# Survives a crash of its processes, as tests have it, and not one of the machine.
FORGETFUL: Final = {"fsync": "off", "full_page_writes": "off"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A server below `home`, run as `account`; `durable=False` trades safety from a crash of the machine for speed."""

    home: Path
    account: Account
    durable: bool

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    @property
    def server_lock(self) -> Path:
        # Inherited by every process of PostgreSQL, so it is free exactly when all of them are gone: no process id
        # is trusted, and a half-dead server (its first process killed) counts as alive until its last one leaves.
        return self.home / "server.lock"

    def is_down(self) -> bool:
        return is_free(self.server_lock, self.account)

    def socket_folder(self) -> Path | None:
        """Return where the running server listens; `None` when it is not ready for connections."""
        postmaster = read_postmaster(self.data)
        return postmaster.socket_folder if postmaster and postmaster.is_ready else None

    def start(self) -> None:
        """Make the data folder if there is none, and start the server.

        Raise `EmbeddedPostgresUnavailable` with the end of the log when it does not come up.
        """
        with locked(self.server_lock, self.account, seconds=STOP_SECONDS) as lock, self._open_log() as log:
            programs = programs_for(self.account, self.home)
            self._make_data(programs, lock, log)
            remove_remains(self.data)
            self._launch(programs, lock, log)
        wait_until(
            lambda: self.socket_folder() is not None or self.is_down(),
            seconds=START_SECONDS,
            what=f"PostgreSQL is not ready after {START_SECONDS:.0f} seconds, see {self.log}",
        )
        if self.socket_folder() is None:
            raise EmbeddedPostgresUnavailable(f"PostgreSQL did not start, {self._end_of_log()}")

    def stop(self) -> None:
        """Stop the server with a checkpoint (fast shutdown), or without one if that takes more than a minute."""
        if self._is_gone_after(signal.SIGINT) or self._is_gone_after(signal.SIGQUIT):
            return
        raise EmbeddedPostgresUnavailable(f"PostgreSQL does not stop, see {self.log}")

    def _is_gone_after(self, request: signal.Signals) -> bool:
        asked: set[Postmaster] = set()

        def is_gone() -> bool:
            if self.is_down():
                return True
            postmaster = read_postmaster(self.data)
            if postmaster and postmaster not in asked and postmaster.is_alive():
                os.kill(postmaster.pid, request)
                asked.add(postmaster)
            return False

        remains = read_postmaster(self.data)
        try:
            wait_until(is_gone, seconds=STOP_SECONDS, what="still there")
        except EmbeddedPostgresUnavailable:
            return False
        for postmaster in {remains, *asked}:
            if postmaster and postmaster.socket_folder:
                remove_sockets(postmaster.socket_folder)
        return True

    def _make_data(self, programs: Path, lock: LockFile, log: IO[bytes]) -> None:
        if self.data.exists():
            return
        making = self.home / "data.making"
        if making.exists():
            shutil.rmtree(making)
        command = [
            str(programs / "initdb"),
            f"--pgdata={making}",
            f"--username={SUPERUSER}",
            # Whoever can enter the folder of the socket (its owner, root) owns these files anyway.
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            # Sorted by PostgreSQL itself, so an update of the system's locales breaks no index.
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-instructions",
            *([] if self.durable else ["--no-sync"]),
        ]
        if not self.account.run(command, output=log, keep_open=(lock.fd,)):
            raise EmbeddedPostgresUnavailable(f"PostgreSQL could not make its data folder, {self._end_of_log()}")
        making.rename(self.data)
        sync_folder(self.home)

    def _launch(self, programs: Path, lock: LockFile, log: IO[bytes]) -> None:
        # A path in a list of folders is quoted, for it may hold spaces.
        settings = {**SETTINGS, "unix_socket_directories": f'"{self._make_socket_folder()}"'}
        if not self.durable:
            settings |= FORGETFUL
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        server = [str(programs / "postgres"), "-D", str(self.data), *options]
        # The shell leaves at once and the server becomes nobody's child: whoever stops it need not have started it.
        self.account.run(["/bin/sh", "-c", '"$@" &', "sh", *server], output=log, keep_open=(lock.fd,))

    def _make_socket_folder(self) -> Path:
        is_short = len(os.fsencode(self.home / SOCKET_NAME)) <= LONGEST_SOCKET_PATH
        if is_short and not set(str(self.home)) & {",", '"'}:
            return self.home
        folder = Path(tempfile.mkdtemp(prefix="latchkey-", dir="/tmp"))
        self.account.own(folder)
        return folder

    def _open_log(self) -> IO[bytes]:
        if self.log.exists() and self.log.stat().st_size > LONGEST_LOG_BYTES:
            self.log.rename(self.log.with_suffix(".log.old"))
        fd = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        self.account.own(fd)
        return os.fdopen(fd, "ab")

    def _end_of_log(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-8:]
        return "\n  ".join([f"the end of {self.log} says:", *lines])


def sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
