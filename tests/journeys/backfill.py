"""Records of one repository that are read for the first time, and what of them is stored at any moment."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.databases import PostgresServer
from tests.journeys.deployment import Deployment, deployed
from tests.journeys.linking import signed_in

CONNECTION: Final = "SELECT id FROM installation_connections WHERE state = 'live'"
# In one statement, and so of one moment: whoever was killed may have left a COMMIT under way.
STANDING: Final = """
    SELECT coalesce(run_cursor, cursor) AS cursor,
           run_began_at IS NULL AND pulled_at IS NOT NULL AS is_over,
           run_records,
           (SELECT coalesce(jsonb_agg(jsonb_build_array(number, title) ORDER BY modified_at, number), '[]')
              FROM pull_requests
             WHERE sync_id = syncs.id) AS rows
      FROM syncs
"""
PROGRESS: Final = "SELECT run_records, run_began_at IS NULL AND pulled_at IS NOT NULL AS is_over FROM syncs"
FORGET: Final = "TRUNCATE pull_requests, unplaced_records"


@dataclass(frozen=True, slots=True)
class Backfill:
    """`source` is what Nango has, in its order; `places` tells how much of it lies before each of its cursors."""

    latchkey: Deployment
    source: list[list[object]]
    places: dict[str, int]

    def stored(self) -> int:
        """Tell how much is stored: exactly what lies before the stored cursor, each record once."""
        seen = self.latchkey.rows.read(STANDING)
        if not seen:
            return 0
        [sync] = seen
        count = 0 if sync["cursor"] is None else self.places[sync["cursor"]]
        assert sorted(sync["rows"]) == sorted(self.source[:count])
        assert sync["is_over"] or sync["run_records"] == count
        return count

    def has_passed(self, count: int) -> bool:
        seen = self.latchkey.rows.read(PROGRESS)
        return bool(seen) and (seen[0]["is_over"] or seen[0]["run_records"] > count)

    def is_over(self) -> bool:
        return any(sync["is_over"] for sync in self.latchkey.rows.read(PROGRESS))


@contextmanager
def backfilling(postgres: PostgresServer, folder: Path, count: int, page_bytes: int) -> Generator[Backfill]:
    """Let somebody connect a repository of which Nango has so many pull requests, and tell of them."""
    settings = {"WORKER_LEASE_SECONDS": "2", "LOG_LEVEL": "WARNING", "SYNC_NAMES": "pull_requests"}
    with deployed(postgres, folder, **settings) as latchkey:
        visitor = signed_in(latchkey.browser(), latchkey.sandbox.newcomer())
        repo = latchkey.github.repo(visitor.person.login)
        assert visitor.status(visitor.connect(visitor.person.login))["ready"]
        [connection] = latchkey.rows.read(CONNECTION)
        latchkey.sandbox.keep_records(connection["id"], repo.full_name, count, page_bytes)
        backfill = Backfill(latchkey, [], {})
        for record in latchkey.sandbox.records(connection["id"]):
            backfill.source.append([record["number"], record["title"]])
            backfill.places[record["_nango_metadata"]["cursor"]] = len(backfill.source)
        latchkey.sandbox.tell_of_records(connection["id"], count)
        yield backfill
        # Whoever looks for secrets need not read all of them.
        latchkey.rows.change(FORGET)
