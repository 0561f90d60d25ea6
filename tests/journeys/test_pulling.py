"""Records are pulled by processes that die: each is stored once, together with how far they were read."""

from typing import Final

import pytest

from tests.databases import PostgresServer
from tests.journeys.backfill import backfilling
from tests.journeys.waiting import eventually

pytestmark = [pytest.mark.journey, pytest.mark.postgres]

RECORDS: Final = 2_000
PAGE_BYTES: Final = 40_000
KILLS: Final = 2
# Nobody waits as long as the leases of the dead.
END_LEASES: Final = "UPDATE syncs SET lease_until = now()"


def test_a_backfill_goes_on_where_a_killed_process_was(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with backfilling(postgres_server, tmp_path_factory.mktemp("backfill"), RECORDS, PAGE_BYTES) as backfill:
        latchkey, read = backfill.latchkey, 0
        for _ in range(KILLS):
            eventually(lambda: backfill.has_passed(read), "going on")  # noqa: B023 - at once
            stop = latchkey.tap.stop_before("GET", "/records")
            stop.wait_until_reached()
            latchkey.service.kill()
            stop.release()
            before, read = read, backfill.stored()
            assert before < read < RECORDS
            latchkey.rows.change(END_LEASES)
            latchkey.restart()
        eventually(backfill.is_over, "the end of the backfill")

        assert backfill.stored() == RECORDS
