"""The replica in PostgreSQL: pages of records are unpacked and merged there, and not in this process."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, LiteralString

import msgspec
import psycopg
from psycopg import AsyncConnection
from psycopg.rows import scalar_row
from psycopg.types.json import Jsonb

from adapters.postgres import commit_records, issue_records, pull_request_records, replica_deletions
from adapters.postgres.record_text import storable
from application.ports.replica import Replica
from domain.errors import LeaseLost
from domain.sync import Fuse, RecordPage, ReplicaKind, Sync, SyncId

MERGE: Final[Mapping[ReplicaKind, LiteralString]] = {
    ReplicaKind.PULL_REQUESTS: pull_request_records.MERGE,
    ReplicaKind.COMMITS: commit_records.MERGE,
    ReplicaKind.ISSUES: issue_records.MERGE,
}
# A page is held once as text and once unpacked, and does not go to disk in between.
MEMORY: Final = "SET LOCAL work_mem = '64MB'"
# What the values of a record can be wrong about, or too long for an index.
UNREADABLE: Final = (psycopg.DataError, psycopg.errors.ProgramLimitExceeded)
SET_ASIDE: Final = """
    INSERT INTO unplaced_records AS known (sync_id, record_id, modified_at, seen_at, reason, record)
    SELECT %(sync_id)s, coalesce(record ->> 'id', 'md5:' || md5(record::text)), %(at)s, %(at)s, 'unreadable', record
      FROM jsonb_array_elements(%(records)s) AS record
    ON CONFLICT (sync_id, record_id) DO UPDATE
       SET seen_at = excluded.seen_at,
           reason = excluded.reason,
           full_name = NULL,
           record = excluded.record
"""
PLACED_AT_ONCE: Final = 1000
# Those whose repository has become known since.
PLACEABLE: Final = """
    SELECT coalesce(jsonb_agg(record), '[]')::text
      FROM (SELECT record
              FROM unplaced_records
             WHERE sync_id = %(sync_id)s
               AND full_name IN (SELECT lower(owner || '/' || name)
                                   FROM repositories
                                  WHERE installation_id = %(installation_id)s)
             LIMIT %(limit)s) AS known_now
"""
HAS_UNPLACED: Final = (
    "SELECT EXISTS (SELECT FROM unplaced_records WHERE sync_id = %(sync_id)s AND full_name IS NOT NULL)"
)

COUNT_ASIDE: Final = "SELECT sync_id, count(*) FROM unplaced_records GROUP BY sync_id"


@dataclass(frozen=True, slots=True)
class PostgresReplica(Replica):
    connection: AsyncConnection

    async def merge(self, sync: Sync, page: RecordPage, at: datetime) -> None:
        records = storable(page.records)
        try:
            async with self.connection.transaction():
                await self.connection.execute(MEMORY)
                await self._merge(sync, records, at)
                if sync.run is not None and sync.run.is_full and sync.pulled_at is not None:
                    await replica_deletions.see(self.connection, sync, records, at)
        except psycopg.errors.ForeignKeyViolation:
            raise LeaseLost("these records are not read any more") from None

    async def end_run(self, sync: Sync, fuse: Fuse, at: datetime) -> int | None:
        async with self.connection.transaction():
            await self._place(sync, at)
            return await replica_deletions.carry_out(self.connection, sync, fuse, at)

    async def count_aside(self) -> Mapping[SyncId, int]:
        counted = await self.connection.execute(COUNT_ASIDE)
        return {SyncId(sync_id): number async for sync_id, number in counted}

    async def _merge(self, sync: Sync, records: bytes, at: datetime) -> None:
        """Merge what can be understood: the half of a page that cannot is halved again."""
        if records == b"[]":
            return
        try:
            async with self.connection.transaction():
                await self.connection.execute(MERGE[sync.key.kind], parameters(sync, records, at), prepare=False)
        except UNREADABLE:
            one_by_one = msgspec.json.decode(records, type=list[msgspec.Raw])
            if len(one_by_one) == 1:
                await self.connection.execute(SET_ASIDE, parameters(sync, records, at))
                return
            middle = len(one_by_one) // 2
            for half in (one_by_one[:middle], one_by_one[middle:]):
                await self._merge(sync, msgspec.json.encode(half), at)

    async def _place(self, sync: Sync, at: datetime) -> None:
        about = {"sync_id": sync.id, "installation_id": sync.installation_id, "limit": PLACED_AT_ONCE}
        async with self.connection.cursor(row_factory=scalar_row) as cursor:
            if not await anext(await cursor.execute(HAS_UNPLACED, about)):
                return
            former = "[]"
            while (records := await anext(await cursor.execute(PLACEABLE, about))) not in {"[]", former}:
                await self._merge(sync, records.encode(), at)
                former = records


def parameters(sync: Sync, records: bytes, at: datetime) -> dict[str, object]:
    return {
        "sync_id": sync.id,
        "installation_id": sync.installation_id,
        "repository_id": sync.repository_id,
        "records": Jsonb(records, dumps=bytes),
        "at": at,
    }
