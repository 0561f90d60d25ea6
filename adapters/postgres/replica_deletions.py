"""Deletions are carried out when a run has come to its end, all of them together or none."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, LiteralString

from psycopg import AsyncConnection
from psycopg.rows import scalar_row
from psycopg.types.json import Jsonb

from domain.sync import Fuse, ReplicaKind, Sync, SyncSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """The same ones for each table."""

    see: LiteralString
    gone: LiteralString
    rows: LiteralString
    delete: LiteralString


# So that no statement takes too long for PostgreSQL.
AT_ONCE: Final = 50_000


def statements_for(table: LiteralString) -> Statements:
    # What was noted; what a full run did not meet; and what it did not take over from a sync that is no longer there.
    gone = f"""
        SELECT found.ctid AS place, noted.modified_at AS deleted_at
          FROM noted_deletions AS noted
          JOIN {table} AS found USING (sync_id, record_id)
         WHERE noted.sync_id = %(sync_id)s
           AND found.deleted_at IS NULL
           AND found.modified_at <= noted.modified_at
         UNION ALL
        SELECT found.ctid, found.modified_at
          FROM {table} AS found
         WHERE %(sweeps)s
           AND found.sync_id = %(sync_id)s
           AND found.deleted_at IS NULL
           AND found.seen_at < %(began_at)s
           AND NOT EXISTS (SELECT
                             FROM noted_deletions AS noted
                            WHERE noted.sync_id = found.sync_id
                              AND noted.record_id = found.record_id
                              AND noted.modified_at >= found.modified_at)
         UNION ALL
        SELECT found.ctid, found.modified_at
          FROM {table} AS found
          JOIN repositories ON repositories.id = found.repository_id
         WHERE %(succeeds)s
           AND repositories.installation_id = %(installation_id)s
           AND (%(repository_id)s::bigint IS NULL OR repositories.id = %(repository_id)s)
           AND found.deleted_at IS NULL
           AND NOT EXISTS (SELECT FROM syncs WHERE syncs.id = found.sync_id)
    """  # noqa: S608 - of constants
    return Statements(
        see=f"""
            UPDATE {table} AS found
               SET seen_at = %(at)s,
                   deleted_at = CASE WHEN found.modified_at > met.last_modified_at THEN found.deleted_at END
              FROM (SELECT record ->> 'id' AS id, last_modified_at
                      FROM jsonb_array_elements(%(records)s) AS record,
                           jsonb_to_record(record -> '_nango_metadata') AS metadata (
                               last_modified_at timestamptz, last_action text
                           )
                     WHERE last_action IS DISTINCT FROM 'DELETED') AS met
             WHERE found.sync_id = %(sync_id)s
               AND found.record_id = met.id
               AND found.seen_at < %(at)s
        """,  # noqa: S608 - of constants
        gone=f"SELECT count(*) FROM ({gone}) AS gone",  # noqa: S608 - of constants
        rows=f"SELECT count(*) FROM {table} WHERE sync_id = %(sync_id)s AND deleted_at IS NULL",  # noqa: S608 - of constants
        delete=f"""
            UPDATE {table} AS found
               SET deleted_at = %(at)s,
                   modified_at = gone.deleted_at
              FROM (SELECT * FROM ({gone}) AS all_gone LIMIT %(at_once)s) AS gone
             WHERE found.ctid = gone.place
        """,  # noqa: S608 - of constants
    )


STATEMENTS: Final = {
    ReplicaKind.PULL_REQUESTS: statements_for("pull_requests"),
    ReplicaKind.COMMITS: statements_for("commit_sightings"),
    ReplicaKind.ISSUES: statements_for("issues"),
}
FORGET_ASIDE: Final = """
    DELETE FROM unplaced_records AS aside
     USING noted_deletions AS noted
     WHERE noted.sync_id = %(sync_id)s
       AND aside.sync_id = noted.sync_id
       AND aside.record_id = noted.record_id
       AND aside.modified_at <= noted.modified_at
"""
SWEEP_ASIDE: Final = (
    "DELETE FROM unplaced_records WHERE sync_id = %(sync_id)s AND seen_at < %(began_at)s AND %(sweeps)s"
)
FORGET: Final = "DELETE FROM noted_deletions WHERE sync_id = %(sync_id)s"
HAS_NOTED: Final = "SELECT EXISTS (SELECT FROM noted_deletions WHERE sync_id = %(sync_id)s)"


async def see(connection: AsyncConnection, sync: Sync, records: bytes, at: datetime) -> None:
    """Note that a full run has met these, though they have not changed."""
    await connection.execute(
        STATEMENTS[sync.key.kind].see,
        {"sync_id": sync.id, "records": Jsonb(records, dumps=bytes), "at": at},
        prepare=False,
    )


async def carry_out(connection: AsyncConnection, sync: Sync, fuse: Fuse, at: datetime) -> int | None:
    """Mark what is gone; if that is too much at once it stays, and its number is returned."""
    run, statements = sync.the_run, STATEMENTS[sync.key.kind]
    about = {
        "sync_id": sync.id,
        "began_at": run.began_at,
        "installation_id": sync.installation_id,
        "repository_id": sync.repository_id,
        # Nango may still be reading for a sync that is new; GitHub's lists are complete at once.
        "succeeds": run.is_full and (sync.pulled_at is not None or sync.key.source is SyncSource.PROXY),
        "sweeps": run.is_full and sync.pulled_at is not None,
        "at": at,
        "at_once": AT_ONCE,
    }
    async with connection.cursor(row_factory=scalar_row) as cursor:
        if not run.is_full and not await anext(await cursor.execute(HAS_NOTED, about)):
            return None
        gone: int = await anext(await cursor.execute(statements.gone, about, prepare=False))
        if gone > fuse.rows and not run.may_delete:
            rows: int = await anext(await cursor.execute(statements.rows, about))
            if fuse.is_blown(gone, rows):
                return gone
        for _ in range(0, gone, AT_ONCE):
            await cursor.execute(statements.delete, about, prepare=False)
        for statement in (FORGET_ASIDE, SWEEP_ASIDE, FORGET):
            await cursor.execute(statement, about)
    return None
