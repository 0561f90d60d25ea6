"""Whatever dies while webhooks come in, none that was accepted is lost or doubled, and each reaches its end."""

import os
import signal
import time
from collections import Counter
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final

import psycopg
import pytest

from tests.databases import PostgresServer
from tests.journeys.deployment import Deployment, deployed
from tests.journeys.waiting import eventually
from tests.torture.deliveries import Sender

pytestmark = [pytest.mark.journey, pytest.mark.postgres]

AT_ONCE: Final = 64
ENOUGH_SECONDS: Final = 120.0
ONE_BACKEND: Final = (
    "SELECT min(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
)
OPEN: Final = "SELECT count(*) AS number FROM deliveries WHERE state = 'waiting'"
SEEN: Final = "SELECT body->>'connectionId' AS id, state, received FROM deliveries"


@pytest.fixture
def latchkey(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Generator[Deployment]:
    folder = tmp_path_factory.mktemp("torture")
    with deployed(postgres_server, folder, WORKER_LEASE_SECONDS="3", LOG_LEVEL="WARNING") as deployment:
        yield deployment


def crash(server: PostgresServer) -> None:
    """Kill one of the server's processes, which ends all its connections and has it recover from its log."""
    with suppress(psycopg.OperationalError), psycopg.connect(server.conninfo, autocommit=True) as admin:
        row = admin.execute(ONE_BACKEND).fetchone()
        assert row
        os.kill(int(row[0]), signal.SIGKILL)
        while True:  # until this connection is broken like all the others
            admin.execute("SELECT pg_sleep(0.01)")
    eventually(lambda: is_up(server), "the recovery of PostgreSQL", ENOUGH_SECONDS)


def is_up(server: PostgresServer) -> bool:
    try:
        psycopg.connect(server.conninfo).close()
    except psycopg.OperationalError:
        return False
    return True


def test_what_was_accepted_is_there_once_and_reaches_its_end(
    postgres_server: PostgresServer, latchkey: Deployment, *, is_full: bool
) -> None:
    count, kills = (5_000, 10) if is_full else (200, 2)
    worker = latchkey.start("worker")
    worker.wait_until_ready()
    sender = Sender(latchkey.address, AT_ONCE)

    with ThreadPoolExecutor() as threads:
        sending = threads.submit(sender.send, count)
        for number in range(kills):
            time.sleep(0.2)
            latchkey.service.kill()
            latchkey.restart()
            worker.kill()
            worker = latchkey.start("worker")
            if number == kills // 2:
                crash(postgres_server)
        sender.may_end.set()
        sending.result()

    eventually(lambda: latchkey.rows.read(OPEN)[0]["number"] == 0, "the end of all deliveries", ENOUGH_SECONDS)
    rows = latchkey.rows.read(SEEN)
    times = Counter(row["id"] for row in rows)
    assert set(sender.answers) <= {"200", "503", "connection broken"}, sender.answers
    assert len(sender.accepted) >= count
    assert sender.accepted <= set(times)
    assert set(times.values()) == {1}
    assert {row["received"] for row in rows} == {1}
    assert {row["state"] for row in rows} == {"ignored"}
    worker.wait_until_ready()
    print(f"{kills} kills of each: {dict(sender.answers)}")  # noqa: T201 - `make torture` shows it
