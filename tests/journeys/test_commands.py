"""The command line: what starts, what does not, and how it says so."""

import os
import signal
import socket
import subprocess
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Final

import httpx
import psycopg
import pytest

from tests.databases import PostgresServer, temporary_data_dir
from tests.journeys.deployment import JWT_SECRET
from tests.journeys.programs import LATCHKEY, Program, free_port, url_of

pytestmark = [pytest.mark.journey, pytest.mark.postgres]

ENOUGH: Final = {"NANGO_SECRET_KEY": "made-up", "JWT_SECRET": JWT_SECRET, "PORT": str(free_port())}
# What settings are refused is shown without starting anything; here is that each command says so.
WRONG: Final[list[tuple[str, str, dict[str, str]]]] = [
    ("serve", "NANGO_SECRET_KEY", {"NANGO_SECRET_KEY": ""}),
    ("worker", "JWT_SECRET", {"JWT_SECRET": "  "}),
    ("serve", "JWT_PRIVATE_KEYS", {"JWT_SECRET": "", "JWT_PRIVATE_KEYS": "too short"}),
    ("serve", "PORT", {"PORT": "http"}),
    ("sandbox", "PORT", {"PORT": "65536"}),
    ("serve", "HOST", {"HOST": "nowhere.invalid", "PUBLIC_URL": "https://app.example"}),
    ("migrate", "LOG_LEVEL", {"LOG_LEVEL": "LOUD"}),
    ("migrate", "DATABASE_URL", {"DATABASE_URL": "mysql://127.0.0.1/latchkey"}),
    ("migrate", "DATABASE_URL", {"DATABASE_URL": "postgresql://u:hun%ter2@127.0.0.1/latchkey"}),
    ("serve", "DATABASE_URL", {"DATABASE_URL": "postgresql://127.0.0.1:1/latchkey"}),
]


def start(command: str, settings: dict[str, str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(  # noqa: S603 - our own program
        [LATCHKEY, *command.split()],
        env={"PATH": os.environ.get("PATH", ""), **settings},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ending_of(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    try:
        said, complained = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    return process.returncode, said, complained


@pytest.fixture(scope="module")
def wrong_starts() -> Generator["list[subprocess.Popen[str]]"]:
    """Start them all at once: each takes most of a second to load."""
    processes = [start(command, {**ENOUGH, **settings}) for command, _, settings in WRONG]
    yield processes
    for process in processes:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", range(len(WRONG)), ids=lambda number: f"{WRONG[number][0]} {WRONG[number][2]}")
def test_a_wrong_setting_ends_the_start_with_one_line_that_names_it(
    wrong_starts: "list[subprocess.Popen[str]]", number: int
) -> None:
    _, setting, _ = WRONG[number]
    status, said, complained = ending_of(wrong_starts[number])

    assert status == 2, complained
    assert said == ""
    [line] = complained.splitlines()
    assert line.startswith("latchkey: ")
    assert setting in line
    assert JWT_SECRET not in line
    assert "too short" not in line
    assert "ter2" not in line


def test_a_port_in_use_ends_the_start_with_one_line_that_names_it(postgres_server: PostgresServer) -> None:
    database = url_of(postgres_server.create_migrated_database())
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = str(listener.getsockname()[1])
        status, _, complained = ending_of(start("serve", {**ENOUGH, "PORT": port, "DATABASE_URL": database}))

    assert status == 2
    [line] = complained.splitlines()
    assert "PORT" in line
    assert port in line


def test_a_database_that_is_newer_than_the_program_ends_the_start(postgres_server: PostgresServer) -> None:
    conninfo = postgres_server.create_migrated_database()
    with psycopg.connect(conninfo) as connection:
        connection.execute("INSERT INTO schema_migrations VALUES (9999, '9999_tomorrow.sql', '')")
    status, _, complained = ending_of(start("serve", {**ENOUGH, "DATABASE_URL": url_of(conninfo)}))

    assert status == 2
    [line] = complained.splitlines()
    assert "9999" in line


def test_migrate_makes_the_tables_and_may_be_repeated(postgres_server: PostgresServer) -> None:
    conninfo = postgres_server.create_database()
    settings = {"DATABASE_URL": url_of(conninfo)}
    at_once = [start("migrate", settings) for _ in range(2)]

    for process in at_once:
        status, said, logged = ending_of(process)
        assert (status, said) == (0, "The database is up to date\n")
        assert "migrated" in logged
    assert ending_of(start("migrate", settings))[0] == 0
    with psycopg.connect(conninfo) as connection:
        assert connection.execute("SELECT count(*) FROM users").fetchone() == (0,)


def test_without_a_database_url_one_is_brought_along() -> None:
    with temporary_data_dir() as folder:
        settings = {**ENOUGH, "PORT": str(free_port()), "LATCHKEY_DATA_DIR": str(folder)}
        program = Program(["serve"], settings, folder / "serve.log")
        try:
            program.wait_until_ready()
            assert httpx.get(f"http://127.0.0.1:{settings['PORT']}/readyz", trust_env=False).status_code == 200
            # An operator's command finds the same one, and leaves it running.
            assert ending_of(start("deliveries stats", {"LATCHKEY_DATA_DIR": str(folder)}))[0] == 0
            assert httpx.get(f"http://127.0.0.1:{settings['PORT']}/readyz", trust_env=False).status_code == 200
        finally:
            program.stop()


def test_control_c_ends_every_command_cleanly(postgres_server: PostgresServer, tmp_path: Path) -> None:
    """SIGTERM is what every other test stops them with."""
    database = url_of(postgres_server.create_migrated_database())
    programs = [
        Program([command], {**ENOUGH, "PORT": str(free_port()), "DATABASE_URL": database}, tmp_path / f"{command}.log")
        for command in ("serve", "worker", "sandbox")
    ]
    for program in programs:
        program.wait_until_ready()
        program.send(signal.SIGINT)

    for program in programs:
        assert program.wait() == 0
        assert "Traceback" not in program.said()


def test_an_idle_connection_does_not_hold_up_the_end(postgres_server: PostgresServer, tmp_path: Path) -> None:
    port = free_port()
    settings = {**ENOUGH, "PORT": str(port), "DATABASE_URL": url_of(postgres_server.create_migrated_database())}
    program = Program(["serve"], settings, tmp_path / "serve.log")
    program.wait_until_ready()
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        assert client.get("/healthz").status_code == 200
        program.terminate()
        assert program.wait() == 0
