"""A PostgreSQL of our own, for when `DATABASE_URL` is unset.

Any number of processes may share one data folder: the first to come starts the server, the last to go stops it. Each
holds `users.lock` together with the others for as long as it lives, and whoever comes or goes holds `door.lock` alone.
These are locks of the kernel, so a process that is killed is simply gone, and a server left by such processes is used
by the next one. The server listens on a Unix socket in a folder that only its account and root can enter.
"""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import psycopg
from psycopg.conninfo import make_conninfo

from adapters.postgres.embedded_account import account_for
from adapters.postgres.embedded_cluster import START_SECONDS, STOP_SECONDS, SUPERUSER, Cluster
from adapters.postgres.embedded_home import DOOR, prepare_home
from adapters.postgres.embedded_locks import LockFile, is_free, locked, wait_until
from adapters.postgres.embedded_postmaster import PORT
from adapters.postgres.embedded_unavailable import EmbeddedPostgresUnavailable

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresUnavailable", "default_data_dir"]

NAME: Final = "latchkey"
ROOT_DATA_DIR: Final = Path("/var/lib/latchkey")
USERS: Final = "users.lock"
DOOR_SECONDS: Final = START_SECONDS + 2 * STOP_SECONDS

FIND_ROLE: Final = "SELECT FROM pg_roles WHERE rolname = 'latchkey'"
CREATE_ROLE: Final = "CREATE ROLE latchkey LOGIN"
FIND_DATABASE: Final = "SELECT FROM pg_database WHERE datname = 'latchkey'"
CREATE_DATABASE: Final = "CREATE DATABASE latchkey OWNER latchkey"


def default_data_dir() -> Path:
    """Return the folder used when `LATCHKEY_DATA_DIR` is unset."""
    if os.geteuid() == 0:
        return ROOT_DATA_DIR
    configured = Path(os.environ.get("XDG_DATA_HOME", ""))
    # The XDG specification wants a relative value ignored.
    base = configured if configured.is_absolute() else Path.home() / ".local" / "share"
    return base / NAME


class EmbeddedPostgres:
    """Use the server of a data folder: `with EmbeddedPostgres(folder) as postgres: connect(postgres.conninfo)`.

    Entering and leaving block (about a second for a new folder, less otherwise), so do both outside an event loop.
    Both raise `EmbeddedPostgresUnavailable`. A process that ends without leaving (SIGKILL, SIGTERM without a handler)
    leaves the server running for the next one. `durable=False` is for tests: a crash may lose everything.
    """

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self._home = data_dir.resolve() / "postgres"
        self._durable = durable
        self._socket_folder: Path | None = None
        self._leave: Callable[[], None] | None = None

    @property
    def conninfo(self) -> str:
        """How to connect to the database `latchkey`, as its owner; only inside the block."""
        return self._conninfo(user=NAME, dbname=NAME)

    @property
    def admin_conninfo(self) -> str:
        """How to connect as the superuser of the server; only inside the block."""
        return self._conninfo(user=SUPERUSER, dbname="postgres")

    def __enter__(self) -> Self:
        try:
            self._leave = self._enter()
        except OSError as refusal:
            message = f"LATCHKEY_DATA_DIR: PostgreSQL cannot use {self._home}: {refusal}"
            raise EmbeddedPostgresUnavailable(message) from refusal
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        leave, self._leave, self._socket_folder = self._leave, None, None
        if leave:
            leave()

    def _enter(self) -> Callable[[], None]:
        account = account_for(self._home)
        prepare_home(self._home, account)
        cluster = Cluster(home=self._home, account=account, durable=self._durable)
        with self._door(cluster):
            membership = LockFile(self._home / USERS, account)
            try:
                wait_until(membership.try_shared, seconds=STOP_SECONDS, what=f"{self._home / USERS} cannot be shared")
                self._serve(cluster)
            except EmbeddedPostgresUnavailable:
                # A server that needs longer to recover is left to finish: stopped, it would begin anew each time.
                membership.close()
                raise
            except BaseException:
                self._give_up(membership, cluster)
                raise

        def leave() -> None:
            try:
                with self._door(cluster):
                    self._give_up(membership, cluster)
            finally:
                membership.close()

        return leave

    def _serve(self, cluster: Cluster) -> None:
        def is_serving() -> bool:
            if cluster.is_down():
                cluster.start()
            self._socket_folder = cluster.socket_folder()
            return self._socket_folder is not None and is_prepared(self.admin_conninfo)

        wait_until(
            is_serving,
            seconds=START_SECONDS,
            what=f"PostgreSQL in {self._home} runs and takes no connections, see {cluster.log}",
        )

    def _give_up(self, membership: LockFile, cluster: Cluster) -> None:
        membership.close()
        if is_free(self._home / USERS, cluster.account):
            cluster.stop()

    def _door(self, cluster: Cluster) -> AbstractContextManager[LockFile]:
        return locked(self._home / DOOR, cluster.account, seconds=DOOR_SECONDS)

    def _conninfo(self, *, user: str, dbname: str) -> str:
        if self._socket_folder is None:
            raise RuntimeError("the server is known inside the with block only")
        return make_conninfo(host=str(self._socket_folder), port=PORT, user=user, dbname=dbname)


def is_prepared(conninfo: str) -> bool:
    """Make the role and the database if they are not there; tell whether the server took the connection."""
    try:
        connection = psycopg.connect(conninfo, autocommit=True, connect_timeout=5)
    except psycopg.OperationalError:
        return False
    with connection:
        if not connection.execute(FIND_ROLE).rowcount:
            connection.execute(CREATE_ROLE)
        if not connection.execute(FIND_DATABASE).rowcount:
            connection.execute(CREATE_DATABASE)
    return True
