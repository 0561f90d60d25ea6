"""The OS account that PostgreSQL runs as: ourselves, or for root somebody else, since PostgreSQL refuses root."""

import os
import pwd
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from adapters.postgres.embedded_unavailable import EmbeddedPostgresUnavailable

NAME: Final = "latchkey"
CREATE: Final = (
    "useradd",
    "--system",
    "--user-group",
    "--no-create-home",
    "--home-dir=/nonexistent",
    "--shell=/usr/sbin/nologin",
    NAME,
)
# The system's list of accounts may be locked by somebody else for a moment.
ATTEMPTS: Final = 5
PAUSE_SECONDS: Final = 0.2
# Nothing of ours (secrets) or of the caller's (PGPORT, LANG) may reach PostgreSQL.
ENVIRONMENT: Final = {"PATH": os.defpath, "LC_ALL": "C"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An OS account, and whether a process must change to it."""

    uid: int
    gid: int
    is_other: bool

    @property
    def name(self) -> str:
        return account_name(self.uid)

    def own(self, target: Path | int) -> None:
        """Give a file that root made to the account; for an ordinary user it is theirs already."""
        if self.is_other:
            os.chown(target, self.uid, self.gid)

    def run(
        self,
        command: list[str],
        *,
        output: IO[bytes] | int = subprocess.DEVNULL,
        keep_open: tuple[int, ...] = (),
    ) -> bool:
        """Run a command as the account in a session of its own, out of reach of the terminal's Ctrl-C.

        Tell whether it succeeded. `keep_open` are descriptors that it inherits, with the locks on them.
        """
        done = subprocess.run(  # noqa: S603 (commands are built here, never from outside)
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=keep_open,
            start_new_session=True,
            cwd="/",
            env=ENVIRONMENT,
            umask=0o077,
            user=self.uid if self.is_other else None,
            group=self.gid if self.is_other else None,
            extra_groups=[] if self.is_other else None,
        )
        return done.returncode == 0

    def can_enter(self, folder: Path) -> bool:
        # The kernel is asked, as the account: parents, groups and access lists all count.
        return self.run(["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)])


def account_for(home: Path) -> Account:
    """Choose who owns the folder of the server and runs it.

    An ordinary user does both. For root it is the folder's owner, or for a new folder the account `latchkey`, made when
    there is none.
    """
    if os.geteuid() != 0:
        return Account(uid=os.geteuid(), gid=os.getegid(), is_other=False)
    if home.exists() and (owner := home.stat()).st_uid != 0:
        return Account(uid=owner.st_uid, gid=owner.st_gid, is_other=True)
    entry = find_account() or create_account()
    return Account(uid=entry.pw_uid, gid=entry.pw_gid, is_other=True)


def account_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def find_account() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        return None


def create_account() -> pwd.struct_passwd:
    for _ in range(ATTEMPTS):
        # A failure shows in the look-up, which also finds what another process made meanwhile.
        with suppress(OSError):
            subprocess.run(CREATE, check=False, capture_output=True, stdin=subprocess.DEVNULL)  # noqa: S603
        if entry := find_account():
            return entry
        time.sleep(PAUSE_SECONDS)
    raise EmbeddedPostgresUnavailable(
        f"PostgreSQL does not run as root, and the account {NAME!r} could not be made for it: "
        "make that account, or run as an ordinary user, or set DATABASE_URL"
    )
