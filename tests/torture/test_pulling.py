"""However often it is killed, whoever pulls records stores each once, and never says to have read more than that."""

import secrets
import time
from typing import Final

import pytest

from tests.databases import PostgresServer
from tests.journeys.backfill import backfilling
from tests.journeys.waiting import eventually

pytestmark = [pytest.mark.journey, pytest.mark.postgres]

ENOUGH_SECONDS: Final = 240.0
# Where it is small nobody waits as long as the leases of the dead.
END_LEASES: Final = "UPDATE syncs SET lease_until = now()"


def test_the_cursor_is_never_ahead_of_the_rows_and_the_end_equals_the_source(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory, *, is_full: bool
) -> None:
    records, kills, page_bytes, longest_life = (100_000, 10, 500_000, 1500) if is_full else (2_000, 2, 40_000, 200)
    with backfilling(postgres_server, tmp_path_factory.mktemp("pulling"), records, page_bytes) as backfill:
        latchkey, stood, began = backfill.latchkey, [0], time.monotonic()
        for _ in range(kills):
            eventually(lambda: backfill.has_passed(stood[-1]), "going on", ENOUGH_SECONDS)
            time.sleep(secrets.randbelow(longest_life) / 1000)
            latchkey.service.kill()
            stood.append(backfill.stored())
            if not is_full:
                latchkey.rows.change(END_LEASES)
            latchkey.restart()
        eventually(backfill.is_over, "the end of the backfill", ENOUGH_SECONDS)

        assert backfill.stored() == records
        assert stood == sorted(stood)
        seconds = time.monotonic() - began
        print(f"{records} records in {seconds:.0f} s, killed at {', '.join(map(str, stood[1:]))}")  # noqa: T201 - `make torture` shows it
