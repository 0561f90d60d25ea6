"""A PostgreSQL for the time of a run, with the durability of an ordinary one."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from adapters.postgres.embedded_account import account_for
from adapters.postgres.embedded_binaries import programs_for
from adapters.postgres.embedded_home import prepare_home
from adapters.postgres.embedded_locks import wait_until

# Memory and the distance of checkpoints only: fsync and synchronous_commit stay on.
SETTINGS = {
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "30min",
    "max_connections": "200",
    "jit": "off",
}
START_SECONDS = 60


@contextmanager
def postgres(log_file: Path) -> Generator[str]:
    """Run a server on a free port of loopback; the password is in PGPASSWORD, for all that is started here."""
    # Not the folder of TMPDIR: for root the server runs as another user, who must get there.
    folder = Path(tempfile.mkdtemp(prefix="latchkey-bench-", dir="/tmp"))
    folder.chmod(0o711)
    home, port = folder / "postgres", free_port()
    account = account_for(home)
    prepare_home(home, account)
    os.environ["PGPASSWORD"] = secrets.token_hex(16)
    (password := home / "password").write_text(os.environ["PGPASSWORD"])
    account.own(password)
    programs, data = programs_for(account, home), home / "data"
    if not account.run([str(programs / "initdb"), f"--pgdata={data}", "--username=postgres", "--auth=scram-sha-256",
                        f"--pwfile={password}", "--encoding=UTF8", "--locale=C"]):  # fmt: skip
        sys.exit("initdb failed")
    settings = {**SETTINGS, "port": str(port), "listen_addresses": "127.0.0.1", "unix_socket_directories": str(home)}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with log_file.open("w") as log:
        server = subprocess.Popen(  # noqa: S603 - spelled out in this file
            [programs / "postgres", "-D", data, *options],
            stdout=log,
            stderr=log,
            cwd="/",
            # Ctrl-C ends the bench, which ends the server.
            start_new_session=True,
            user=account.uid if account.is_other else None,
            group=account.gid if account.is_other else None,
            extra_groups=[] if account.is_other else None,
        )
    url = f"postgres://postgres@127.0.0.1:{port}"
    try:
        wait_until(lambda: answers(url), seconds=START_SECONDS, what="PostgreSQL does not answer")
        yield url
    finally:
        server.send_signal(signal.SIGINT)
        server.wait()
        shutil.rmtree(folder)


def answers(url: str) -> bool:
    try:
        psycopg.connect(f"{url}/postgres").close()
    except psycopg.OperationalError:
        return False
    return True


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
