"""What a crash of the server or of the machine leaves behind does not stand in the way."""

import os
import signal
import subprocess
from collections.abc import Generator
from pathlib import Path

import psycopg
import pytest

from adapters.postgres.embedded import EmbeddedPostgres, EmbeddedPostgresUnavailable
from adapters.postgres.embedded_account import account_for
from tests.adapters.postgres.users import postmasters_of, processes_of

pytestmark = pytest.mark.postgres


@pytest.fixture
def home(data_dir: Path) -> Path:
    return data_dir / "postgres"


@pytest.fixture
def stranger(home: Path) -> Generator[int]:
    """Return the id of a living process of the server's account that is no PostgreSQL."""
    account = account_for(home)
    process = subprocess.Popen(["/bin/sleep", "60"], user=account.uid if account.is_other else None)
    yield process.pid
    process.kill()
    process.wait()


def test_a_stale_pid_file_with_the_id_of_a_living_stranger_does_not_prevent_the_start(
    data_dir: Path, home: Path, stranger: int
) -> None:
    lines = [str(stranger), str(home / "data"), "1700000000", "5432", str(home), "", "  1 2", "ready   ", ""]
    (home / "data" / "postmaster.pid").write_text("\n".join(lines))
    (home / ".s.PGSQL.5432").touch()
    (home / ".s.PGSQL.5432.lock").write_text("\n".join(lines[:5]))

    with EmbeddedPostgres(data_dir, durable=False) as postgres, psycopg.connect(postgres.conninfo) as connection:
        connection.execute("SELECT 1")
        assert len(postmasters_of(data_dir)) == 1
    os.kill(stranger, 0)


def test_a_killed_server_is_recovered_with_all_that_was_committed(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as postgres:
        with psycopg.connect(postgres.conninfo) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS value")
        [postmaster] = postmasters_of(data_dir)
        os.kill(postmaster, signal.SIGKILL)

        with EmbeddedPostgres(data_dir) as again, psycopg.connect(again.conninfo) as connection:
            assert connection.execute("SELECT value FROM kept").fetchone() == (1,)
    assert processes_of(data_dir) == []


def test_leaving_a_server_that_was_killed_is_no_error(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, durable=False):
        [postmaster] = postmasters_of(data_dir)
        os.kill(postmaster, signal.SIGKILL)
    assert processes_of(data_dir) == []


def test_a_server_that_does_not_start_shows_the_end_of_its_log(data_dir: Path, home: Path) -> None:
    (home / "data" / "postgresql.conf").write_text("no_such_setting = 1\n")

    with pytest.raises(EmbeddedPostgresUnavailable, match="no_such_setting"), EmbeddedPostgres(data_dir, durable=False):
        pass
    assert processes_of(data_dir) == []


def test_an_error_inside_the_block_passes_and_the_server_stops(data_dir: Path) -> None:
    with pytest.raises(KeyboardInterrupt), EmbeddedPostgres(data_dir, durable=False):
        raise KeyboardInterrupt
    assert processes_of(data_dir) == []
