"""A backlog drains as fast at its end as at its beginning, in no more memory."""

import time
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Final

import psutil
import pytest

from tests.databases import PostgresServer
from tests.journeys.deployment import JWT_SECRET
from tests.journeys.programs import Program, url_of
from tests.journeys.rows import Rows

pytestmark = [pytest.mark.journey, pytest.mark.postgres]

FILL: Final = """
    WITH received AS (
        INSERT INTO deliveries (kind, body, body_hash, headers, received_at, due_at)
        SELECT 'auth', jsonb_build_object('type', 'auth', 'providerConfigKey', 'github', 'connectionId', n::text),
               sha256(convert_to(n::text, 'UTF8')), '{}', now(), now()
          FROM generate_series(1, %(count)s) AS n
        RETURNING id)
    INSERT INTO pgqueuer (entrypoint, payload, priority, status)
    SELECT 'delivery', convert_to(id::text, 'UTF8'), 0, 'queued' FROM received
"""
CLOSED: Final = "SELECT count(*) AS number FROM deliveries WHERE state <> 'waiting'"
LEFT: Final = "SELECT count(*) AS number FROM pgqueuer"
TENTH: Final = 10
MOST_SECONDS: Final = 900.0
LEAST_RATE: Final = 0.7
MOST_GROWTH_BYTES: Final = 20 * 1024 * 1024


@pytest.fixture
def conninfo(postgres_server: PostgresServer) -> Generator[str]:
    conninfo = postgres_server.create_migrated_database()
    yield conninfo
    postgres_server.drop_database(conninfo)


@pytest.fixture
def rows(conninfo: str) -> Generator[Rows]:
    with closing(Rows(conninfo)) as rows:
        yield rows


def test_a_backlog_drains_at_one_speed(conninfo: str, rows: Rows, tmp_path: Path, *, is_full: bool) -> None:
    count = 100_000 if is_full else 300
    rows.change(FILL, {"count": count})
    settings = {
        "DATABASE_URL": url_of(conninfo),
        "NANGO_SECRET_KEY": "none",
        "NANGO_HOST": "http://127.0.0.1:9",
        "JWT_SECRET": JWT_SECRET,
        "LOG_LEVEL": "WARNING",
    }
    worker = Program(["worker"], settings, tmp_path / "worker.log")
    try:
        seen = [(time.monotonic(), 0, 0)]
        while seen[-1][1] < count:
            assert time.monotonic() - seen[0][0] < MOST_SECONDS
            time.sleep(0.2)
            memory = psutil.Process(worker.pid).memory_info().rss
            seen.append((time.monotonic(), int(rows.read(CLOSED)[0]["number"]), memory))
    finally:
        worker.stop()

    assert rows.read(LEFT) == [{"number": 0}]
    if is_full:
        begun = [one for one in seen if one[1]]
        first = [one for one in begun if one[1] <= count / TENTH]
        last = [one for one in begun if one[1] >= count - count / TENTH]
        at_first, at_last = rate(first), rate(last)
        growth = last[-1][2] - first[-1][2]
        print(f"{count} drained: {at_first:.0f}/s at first, {at_last:.0f}/s at last, {growth / 1e6:.1f} MB more")  # noqa: T201
        assert at_last > LEAST_RATE * at_first
        assert growth < MOST_GROWTH_BYTES


def rate(seen: list[tuple[float, int, int]]) -> float:
    return (seen[-1][1] - seen[0][1]) / (seen[-1][0] - seen[0][0])
