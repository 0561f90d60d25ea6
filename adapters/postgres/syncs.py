"""Syncs in PostgreSQL."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row, scalar_row

from application.ports.syncs import Syncs
from domain.connection import ConnectionId
from domain.errors import LeaseLost
from domain.installation import InstallationId
from domain.repository import RepositoryId
from domain.sync import (
    FULLY_EVERY,
    HEARD_EVERY,
    HEARD_SINCE,
    MOST_VARIANTS,
    OLDEST_RESTART,
    RESTARTED_EVERY,
    Position,
    Run,
    Sync,
    SyncId,
    SyncKey,
    SyncNews,
    SyncSource,
)

# What another connection has may still be on its way to Nango: the first run through it deletes nothing that it does
# not meet, whatever was allowed before.
ANEW: Final = """
           lease_until = NULL,
           claim = known.claim + 1,
           cursor = NULL,
           through = NULL,
           restart_from = NULL,
           is_full_wanted = true,
           run_began_at = NULL,
           pulled_at = NULL,
           pulled_fully_at = NULL,
           tries = 0,
           held_deletions = NULL,
           may_delete = false
"""
MAKE: Final = f"""
    INSERT INTO syncs AS known (connection_id, model, variant, installation_id, repository_id, name, due_at)
    VALUES (%(connection_id)s, %(model)s, %(variant)s, %(installation_id)s, %(repository_id)s, %(name)s, %(due_at)s)
    ON CONFLICT (installation_id, model, variant) DO UPDATE
       SET connection_id = excluded.connection_id,
           due_at = excluded.due_at,
           {ANEW}
     WHERE known.connection_id <> excluded.connection_id
"""  # noqa: S608 - of constants
READ_ANEW: Final = f"""
    UPDATE syncs AS known
       SET due_at = %(at)s,
           {ANEW}
     WHERE installation_id = %(installation_id)s AND repository_id IS NULL
"""  # noqa: S608 - of constants
MAY_MAKE: Final = """
    SELECT count(*) < %(most)s OR coalesce(bool_or(variant = %(variant)s), false)
      FROM syncs
     WHERE installation_id = %(installation_id)s AND model = %(model)s
"""
# While a run is under way, what is wanted comes after it. Whatever is heard during a rest waits for its one end:
# `heard_at` is never further ahead than that.
HEAR: Final = """
    UPDATE syncs AS known
       SET due_at = CASE WHEN run_began_at IS NULL THEN least(due_at, rested_at) ELSE due_at END,
           wanted_at = CASE WHEN run_began_at IS NOT NULL THEN least(wanted_at, rested_at) END,
           heard_at = rested_at,
           announced = least(announced + %(changes)s, 1000000000000),
           restart_from = least(restart_from,
                                CASE WHEN %(began_at)s::timestamptz IS NOT NULL
                                     THEN least(greatest(%(began_at)s, %(now)s - %(heard_since)s), %(now)s) END),
           is_full_wanted = is_full_wanted OR coalesce(pulled_fully_at < %(now)s - %(full_after)s::interval, false),
           name = coalesce(%(name)s, name),
           source_error = NULL,
           source_failed_at = NULL
      FROM (SELECT CASE WHEN heard_at > %(now)s THEN heard_at
                        ELSE greatest(%(now)s, coalesce(heard_at + %(heard_every)s, '-infinity')) END AS rested_at
              FROM syncs
             WHERE installation_id = %(installation_id)s AND model = %(model)s AND variant = %(variant)s) AS rest
     WHERE installation_id = %(installation_id)s AND model = %(model)s AND variant = %(variant)s
"""
HEAR_FAILURE: Final = """
    UPDATE syncs
       SET source_error = %(error)s,
           source_failed_at = %(now)s,
           name = coalesce(%(name)s, name)
     WHERE installation_id = %(installation_id)s AND model = %(model)s AND variant = %(variant)s
"""
WANT: Final = """
    UPDATE syncs
       SET due_at = CASE WHEN run_began_at IS NULL THEN least(due_at, %(at)s) ELSE due_at END,
           wanted_at = CASE WHEN run_began_at IS NOT NULL THEN least(wanted_at, %(at)s) END
     WHERE id = %(id)s
"""
# The run under way may fail at the same page for good.
WANT_FULLY: Final = """
    UPDATE syncs
       SET due_at = %(at)s,
           lease_until = NULL,
           claim = claim + 1,
           wanted_at = NULL,
           is_full_wanted = true,
           run_began_at = NULL,
           tries = 0
     WHERE id = %(id)s
"""
# What was wanted by now is done by a run that begins now. The columns on the right are those of before.
CLAIM: Final = """
    WITH due AS (
        SELECT id,
               run_began_at IS NULL AS is_new,
               is_full_wanted OR pulled_fully_at IS NULL OR pulled_fully_at < %(now)s - %(fully_every)s AS is_full,
               restart_from < through
               AND restart_from > %(now)s - %(oldest_restart)s
               AND coalesce(restarted_at, '-infinity') <= %(now)s - %(restarted_every)s AS restarts
          FROM syncs
         WHERE due_at <= %(now)s AND (lease_until IS NULL OR lease_until <= %(now)s)
         ORDER BY due_at
         LIMIT 1
           FOR UPDATE SKIP LOCKED
    )
    UPDATE syncs AS known
       SET lease_until = %(until)s,
           claim = claim + 1,
           wanted_at = CASE WHEN is_new AND wanted_at <= %(now)s THEN NULL ELSE wanted_at END,
           run_began_at = CASE WHEN is_new THEN %(now)s ELSE run_began_at END,
           run_is_full = CASE WHEN is_new THEN is_full ELSE run_is_full END,
           run_may_delete = CASE WHEN is_new THEN may_delete ELSE run_may_delete END,
           may_delete = may_delete AND NOT is_new,
           run_from = CASE WHEN is_new THEN CASE WHEN restarts AND NOT is_full THEN restart_from END ELSE run_from END,
           run_cursor = CASE WHEN NOT is_new THEN run_cursor END,
           run_through = CASE WHEN NOT is_new THEN run_through END,
           run_records = CASE WHEN is_new THEN 0 ELSE run_records END,
           run_expected = CASE WHEN is_new THEN nullif(announced, 0) ELSE run_expected END,
           announced = CASE WHEN is_new THEN 0 ELSE announced END,
           is_full_wanted = is_full_wanted AND NOT is_new,
           restarted_at = CASE WHEN is_new AND restarts THEN %(now)s ELSE restarted_at END,
           restart_from = CASE WHEN is_new AND (is_full OR restarts OR restart_from >= through OR through IS NULL)
                               THEN NULL ELSE restart_from END
      FROM due
     WHERE known.id = due.id
    RETURNING known.*
"""
# A sign of life may come after what it was for has ended.
KEEP: Final = """
    UPDATE syncs SET lease_until = %(until)s WHERE id = %(id)s AND claim = %(claim)s AND lease_until IS NOT NULL
"""
# After a run comes what was wanted meanwhile; in one that failed, whatever is wanted waits for it. What a full run did
# not meet is no deletion to the others: only the next full one, or an operator, can tell that nothing is held any more.
SAVE: Final = """
    UPDATE syncs
       SET lease_until = %(until)s,
           due_at = CASE WHEN %(is_over)s THEN least(%(due_at)s, wanted_at) ELSE %(due_at)s END,
           wanted_at = CASE WHEN NOT %(is_over)s THEN wanted_at END,
           cursor = %(cursor)s,
           through = %(through)s,
           run_began_at = %(run_began_at)s,
           run_is_full = %(run_is_full)s,
           run_from = %(run_from)s,
           run_cursor = %(run_cursor)s,
           run_through = %(run_through)s,
           run_records = %(run_records)s,
           run_expected = %(run_expected)s,
           pulled_at = %(pulled_at)s,
           pulled_fully_at = %(pulled_fully_at)s,
           tries = %(tries)s,
           error = %(error)s,
           failed_at = %(failed_at)s,
           held_deletions = CASE WHEN %(is_over)s
                                      AND (%(held_deletions)s::bigint IS NOT NULL
                                           OR pulled_fully_at IS DISTINCT FROM %(pulled_fully_at)s)
                                 THEN %(held_deletions)s
                                 ELSE held_deletions END
     WHERE id = %(id)s AND claim = %(claim)s
"""
FIND: Final = "SELECT * FROM syncs WHERE id = %(id)s"
OF_REPOSITORY: Final = """
    SELECT *
      FROM syncs
     WHERE repository_id = %(repository_id)s
        OR (installation_id = %(installation_id)s AND repository_id IS NULL)
     ORDER BY id
"""
AFTER: Final = "SELECT * FROM syncs WHERE id > %(id)s ORDER BY id LIMIT %(limit)s"
KEEP_ONLY: Final = """
    DELETE FROM syncs
     WHERE installation_id = %(installation_id)s
       AND (repository_id IS NOT NULL) = %(is_proxied)s
       AND NOT EXISTS (SELECT
                         FROM unnest(%(models)s::text[], %(variants)s::text[]) AS kept (model, variant)
                        WHERE (kept.model, kept.variant) = (syncs.model, syncs.variant))
"""
# All is looked at once more before anything goes.
ALLOW: Final = """
    UPDATE syncs
       SET may_delete = true,
           is_full_wanted = true,
           due_at = CASE WHEN run_began_at IS NULL THEN least(due_at, %(now)s) ELSE due_at END,
           wanted_at = CASE WHEN run_began_at IS NOT NULL THEN least(wanted_at, %(now)s) END
     WHERE id = %(id)s AND held_deletions IS NOT NULL
"""
FORGET: Final = """
    WITH kept AS (
        UPDATE syncs SET held_deletions = NULL WHERE id = %(id)s AND held_deletions IS NOT NULL RETURNING id
    ), forgotten AS (
        DELETE FROM noted_deletions USING kept WHERE sync_id = kept.id
    )
    SELECT FROM kept
"""


class PostgresSyncs(Syncs):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def make(self, key: SyncKey, installation_id: InstallationId, due_at: datetime, name: str | None) -> None:
        await self._connection.execute(
            MAKE,
            {
                **of_key(key),
                "installation_id": installation_id,
                "repository_id": int(key.variant) if key.source is SyncSource.PROXY else None,
                "name": name,
                "due_at": due_at,
            },
        )

    async def hear(self, news: SyncNews, now: datetime) -> bool:
        about = {**of_key(news.key), "installation_id": news.installation_id}
        async with self._connection.transaction(), self._connection.cursor(row_factory=scalar_row) as cursor:
            if not await anext(await cursor.execute(MAY_MAKE, {**about, "most": MOST_VARIANTS})):
                return False
            await self.make(news.key, news.installation_id, now, news.name)
            if news.error is not None:
                await self._connection.execute(
                    HEAR_FAILURE,
                    {
                        **about,
                        "error": news.error,
                        "name": news.name,
                        "now": now,
                    },
                )
                return True
            await self._connection.execute(
                HEAR,
                {
                    **about,
                    "name": news.name,
                    "began_at": news.began_at,
                    "full_after": news.full_after,
                    "changes": news.changes,
                    "now": now,
                    "heard_every": HEARD_EVERY,
                    "heard_since": HEARD_SINCE,
                },
            )
            return True

    async def want(self, sync_id: SyncId, at: datetime, *, fully: bool = False) -> None:
        await self._connection.execute(WANT_FULLY if fully else WANT, {"id": sync_id, "at": at})

    async def read_anew(self, installation_id: InstallationId, at: datetime) -> None:
        await self._connection.execute(READ_ANEW, {"installation_id": installation_id, "at": at})

    async def claim(self, now: datetime, until: datetime) -> Sync | None:
        parameters = {
            "now": now,
            "until": until,
            "fully_every": FULLY_EVERY,
            "oldest_restart": OLDEST_RESTART,
            "restarted_every": RESTARTED_EVERY,
        }
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(CLAIM, parameters)
            row = await cursor.fetchone()
            return to_sync(row) if row else None

    async def keep(self, sync: Sync, until: datetime) -> None:
        await self._connection.execute(KEEP, {"id": sync.id, "claim": sync.claim, "until": until})

    async def save(self, sync: Sync, until: datetime | None) -> None:
        run = sync.run
        saved = await self._connection.execute(
            SAVE,
            {
                "id": sync.id,
                "claim": sync.claim,
                "until": until,
                "due_at": sync.due_at,
                "cursor": sync.cursor,
                "through": sync.through,
                "is_over": run is None,
                "run_began_at": run.began_at if run else None,
                "run_is_full": run.is_full if run else False,
                "run_from": run.start.modified_after if run else None,
                "run_cursor": run.cursor if run else None,
                "run_through": run.through if run else None,
                "run_records": run.records if run else 0,
                "run_expected": run.expected if run else None,
                "pulled_at": sync.pulled_at,
                "pulled_fully_at": sync.pulled_fully_at,
                "tries": sync.tries,
                "error": sync.error,
                "failed_at": sync.failed_at,
                "held_deletions": sync.held_deletions,
            },
        )
        if saved.rowcount == 0:
            raise LeaseLost("somebody else reads these records now")

    async def find(self, sync_id: SyncId) -> Sync | None:
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(FIND, {"id": sync_id})
            row = await cursor.fetchone()
            return to_sync(row) if row else None

    async def of_repository(self, repository_id: RepositoryId, installation_id: InstallationId) -> Sequence[Sync]:
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(OF_REPOSITORY, {"repository_id": repository_id, "installation_id": installation_id})
            return [to_sync(row) async for row in cursor]

    async def after(self, sync_id: SyncId, limit: int) -> Sequence[Sync]:
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(AFTER, {"id": sync_id, "limit": limit})
            return [to_sync(row) async for row in cursor]

    async def keep_only(self, installation_id: InstallationId, source: SyncSource, keys: Collection[SyncKey]) -> int:
        removed = await self._connection.execute(
            KEEP_ONLY,
            {
                "installation_id": installation_id,
                "is_proxied": source is SyncSource.PROXY,
                "models": [key.model for key in keys],
                "variants": [key.variant for key in keys],
            },
        )
        return removed.rowcount

    async def allow_deletions(self, sync_id: SyncId, now: datetime) -> bool:
        return (await self._connection.execute(ALLOW, {"id": sync_id, "now": now})).rowcount == 1

    async def forget_deletions(self, sync_id: SyncId) -> bool:
        return (await self._connection.execute(FORGET, {"id": sync_id})).rowcount == 1


def of_key(key: SyncKey) -> dict[str, str]:
    return {"connection_id": key.connection_id, "model": key.model, "variant": key.variant}


def to_sync(row: DictRow) -> Sync:
    return Sync(
        id=SyncId(row["id"]),
        key=SyncKey(connection_id=ConnectionId(row["connection_id"]), model=row["model"], variant=row["variant"]),
        installation_id=InstallationId(row["installation_id"]),
        repository_id=RepositoryId(row["repository_id"]) if row["repository_id"] is not None else None,
        name=row["name"],
        due_at=row["due_at"],
        claim=row["claim"],
        cursor=row["cursor"],
        through=row["through"],
        run=to_run(row) if row["run_began_at"] is not None else None,
        pulled_at=row["pulled_at"],
        pulled_fully_at=row["pulled_fully_at"],
        tries=row["tries"],
        error=row["error"],
        failed_at=row["failed_at"],
        source_error=row["source_error"],
        source_failed_at=row["source_failed_at"],
        held_deletions=row["held_deletions"],
    )


def to_run(row: DictRow) -> Run:
    return Run(
        began_at=row["run_began_at"],
        is_full=row["run_is_full"],
        may_delete=row["run_may_delete"],
        start=start_of(row),
        cursor=row["run_cursor"],
        through=row["run_through"],
        records=row["run_records"],
        expected=row["run_expected"],
    )


def start_of(row: DictRow) -> Position:
    if row["run_from"] is not None:
        return Position(modified_after=row["run_from"])
    return Position() if row["run_is_full"] else Position(cursor=row["cursor"])
