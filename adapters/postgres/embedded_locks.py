"""Kernel file locks: they end with the process that holds them, however it ends."""

import fcntl
import os
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from adapters.postgres.embedded_account import Account
from adapters.postgres.embedded_unavailable import EmbeddedPostgresUnavailable

POLL_SECONDS: Final = 0.01


class LockFile:
    """A file opened for `flock`; closing it (or dying) gives the lock back.

    Each instance counts as a user of its own, also within one process. The file is never removed: that would let two
    processes lock two different files of one name.
    """

    def __init__(self, path: Path, account: Account) -> None:
        self.fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        self._is_closed = False
        account.own(self.fd)

    def try_exclusive(self) -> bool:
        return self._try(fcntl.LOCK_EX)

    def try_shared(self) -> bool:
        return self._try(fcntl.LOCK_SH)

    def _try(self, kind: int) -> bool:
        with suppress(BlockingIOError):
            fcntl.flock(self.fd, kind | fcntl.LOCK_NB)
            return True
        return False

    def close(self) -> None:
        """Give the lock back; again is harmless."""
        if not self._is_closed:
            self._is_closed = True
            os.close(self.fd)


@contextmanager
def locked(path: Path, account: Account, *, seconds: float) -> Generator[LockFile]:
    """Hold the file exclusively; raise `EmbeddedPostgresUnavailable` when another holds it for longer than that."""
    lock = LockFile(path, account)
    try:
        wait_until(lock.try_exclusive, seconds=seconds, what=f"another process has held {path} for too long")
        yield lock
    finally:
        lock.close()


def is_free(path: Path, account: Account) -> bool:
    """Tell whether no process holds the file in any way."""
    lock = LockFile(path, account)
    try:
        return lock.try_exclusive()
    finally:
        lock.close()


def wait_until(condition: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Return once the condition holds; raise `EmbeddedPostgresUnavailable` saying `what` after so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise EmbeddedPostgresUnavailable(what)
        time.sleep(POLL_SECONDS)
