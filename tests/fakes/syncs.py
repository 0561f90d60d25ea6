"""Syncs in memory."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import Final

from application.ports.syncs import Syncs
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

# No number is given twice, as in a database.
NUMBERS: Final = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSync:
    """The row, and what was wanted and heard of it."""

    sync: Sync
    lease_until: datetime | None = None
    wanted_at: datetime | None = None
    heard_at: datetime | None = None
    restart_from: datetime | None = None
    restarted_at: datetime | None = None
    is_full_wanted: bool = False
    announced: int = 0
    may_delete: bool = False

    def wanting(self, at: datetime) -> "StoredSync":
        if self.sync.run is None:
            return replace(self, sync=replace(self.sync, due_at=min(self.sync.due_at, at)))
        return replace(self, wanted_at=min(self.wanted_at or at, at))


class InMemorySyncs(Syncs):
    def __init__(self, rows: dict[SyncId, StoredSync], noted: dict[tuple[SyncId, str], datetime]) -> None:
        self._rows = rows
        self._noted = noted

    async def make(self, key: SyncKey, installation_id: InstallationId, due_at: datetime, name: str | None) -> None:
        known = self._stored(key, installation_id)
        if known is not None and known.sync.key != key:
            self._rows[known.sync.id] = anew(known, key, due_at)
        if known is None:
            sync_id = SyncId(next(NUMBERS))
            is_proxied = key.source is SyncSource.PROXY
            self._rows[sync_id] = StoredSync(
                sync=Sync(
                    id=sync_id,
                    key=key,
                    installation_id=installation_id,
                    repository_id=RepositoryId(int(key.variant)) if is_proxied else None,
                    name=name,
                    due_at=due_at,
                )
            )

    async def hear(self, news: SyncNews, now: datetime) -> bool:
        told = (news.installation_id, news.key.model)
        others = [one for one in self._rows.values() if (one.sync.installation_id, one.sync.key.model) == told]
        if len(others) >= MOST_VARIANTS and self._stored(news.key, news.installation_id) is None:
            return False
        await self.make(news.key, news.installation_id, now, news.name)
        stored = self._stored(news.key, news.installation_id)
        if stored is None:
            raise AssertionError("it was made")
        sync = replace(stored.sync, name=news.name or stored.sync.name)
        if news.error is not None:
            self._rows[sync.id] = replace(stored, sync=replace(sync, source_error=news.error, source_failed_at=now))
            return True
        rested_at = after_a_rest(stored.heard_at, now)
        since = [min(max(news.began_at, now - HEARD_SINCE), now)] if news.began_at else []
        before = [stored.restart_from] if stored.restart_from else []
        fully_at = sync.pulled_fully_at
        sync = replace(sync, source_error=None, source_failed_at=None)
        self._rows[sync.id] = replace(
            stored,
            sync=sync,
            heard_at=rested_at,
            announced=stored.announced + news.changes,
            restart_from=min([*before, *since], default=None),
            is_full_wanted=stored.is_full_wanted
            or (news.full_after is not None and fully_at is not None and fully_at < now - news.full_after),
        ).wanting(rested_at)
        return True

    async def want(self, sync_id: SyncId, at: datetime, *, fully: bool = False) -> None:
        stored = self._rows.get(sync_id)
        if stored is None:
            return
        if not fully:
            self._rows[sync_id] = stored.wanting(at)
            return
        sync = replace(stored.sync, due_at=at, claim=stored.sync.claim + 1, run=None, tries=0)
        self._rows[sync_id] = replace(stored, sync=sync, lease_until=None, wanted_at=None, is_full_wanted=True)

    async def read_anew(self, installation_id: InstallationId, at: datetime) -> None:
        for stored in [*self._rows.values()]:
            if stored.sync.installation_id == installation_id and stored.sync.repository_id is None:
                self._rows[stored.sync.id] = anew(stored, stored.sync.key, at)

    async def claim(self, now: datetime, until: datetime) -> Sync | None:
        due = [
            stored
            for stored in self._rows.values()
            if stored.sync.due_at <= now and (stored.lease_until is None or stored.lease_until <= now)
        ]
        if not due:
            return None
        stored = min(due, key=lambda one: one.sync.due_at)
        if stored.sync.run is None:
            stored = begun(stored, now)
        claimed = replace(stored.sync, claim=stored.sync.claim + 1)
        self._rows[claimed.id] = replace(stored, sync=claimed, lease_until=until)
        return claimed

    async def keep(self, sync: Sync, until: datetime) -> None:
        stored = self._rows[sync.id]
        if stored.sync.claim == sync.claim and stored.lease_until is not None:
            self._rows[sync.id] = replace(stored, lease_until=until)

    async def save(self, sync: Sync, until: datetime | None) -> None:
        stored = self._rows.get(sync.id)
        if stored is None or stored.sync.claim != sync.claim:
            raise LeaseLost("somebody else reads these records now")
        if sync.run is not None:
            kept = replace(sync, held_deletions=stored.sync.held_deletions)
            self._rows[sync.id] = replace(stored, sync=kept, lease_until=until)
            return
        due_at = min(sync.due_at, stored.wanted_at or sync.due_at)
        held = sync.held_deletions
        if held is None and sync.pulled_fully_at == stored.sync.pulled_fully_at:
            held = stored.sync.held_deletions
        self._rows[sync.id] = replace(
            stored, sync=replace(sync, due_at=due_at, held_deletions=held), lease_until=until, wanted_at=None
        )

    async def find(self, sync_id: SyncId) -> Sync | None:
        stored = self._rows.get(sync_id)
        return stored.sync if stored else None

    async def of_repository(self, repository_id: RepositoryId, installation_id: InstallationId) -> Sequence[Sync]:
        return [
            one.sync
            for one in self._rows.values()
            if one.sync.repository_id == repository_id
            or (one.sync.repository_id is None and one.sync.installation_id == installation_id)
        ]

    async def after(self, sync_id: SyncId, limit: int) -> Sequence[Sync]:
        return [self._rows[one].sync for one in sorted(self._rows) if one > sync_id][:limit]

    async def keep_only(self, installation_id: InstallationId, source: SyncSource, keys: Collection[SyncKey]) -> int:
        gone = [
            one.sync.id
            for one in self._rows.values()
            if one.sync.installation_id == installation_id
            and one.sync.key.source is source
            and (one.sync.key.model, one.sync.key.variant) not in {(key.model, key.variant) for key in keys}
        ]
        for sync_id in gone:
            del self._rows[sync_id]
        for key in [key for key in self._noted if key[0] in gone]:
            del self._noted[key]
        return len(gone)

    async def allow_deletions(self, sync_id: SyncId, now: datetime) -> bool:
        stored = self._rows.get(sync_id)
        if stored is None or stored.sync.held_deletions is None:
            return False
        self._rows[sync_id] = replace(stored, may_delete=True, is_full_wanted=True).wanting(now)
        return True

    async def forget_deletions(self, sync_id: SyncId) -> bool:
        stored = self._rows.get(sync_id)
        if stored is None or stored.sync.held_deletions is None:
            return False
        self._rows[sync_id] = replace(stored, sync=replace(stored.sync, held_deletions=None))
        for key in [key for key in self._noted if key[0] == sync_id]:
            del self._noted[key]
        return True

    def _stored(self, key: SyncKey, installation_id: InstallationId) -> StoredSync | None:
        wanted = (installation_id, key.model, key.variant)
        return next(
            (
                stored
                for stored in self._rows.values()
                if (stored.sync.installation_id, stored.sync.key.model, stored.sync.key.variant) == wanted
            ),
            None,
        )


def anew(stored: StoredSync, key: SyncKey, due_at: datetime) -> StoredSync:
    return replace(
        stored,
        sync=replace(
            stored.sync,
            key=key,
            due_at=due_at,
            claim=stored.sync.claim + 1,
            cursor=None,
            through=None,
            run=None,
            pulled_at=None,
            pulled_fully_at=None,
            tries=0,
            held_deletions=None,
        ),
        lease_until=None,
        restart_from=None,
        is_full_wanted=True,
        may_delete=False,
    )


def after_a_rest(heard_at: datetime | None, now: datetime) -> datetime:
    if heard_at is None:
        return now
    return heard_at if heard_at > now else max(now, heard_at + HEARD_EVERY)


def begun(stored: StoredSync, now: datetime) -> StoredSync:
    """Begin a run with what was wanted by now."""
    sync, restart_from = stored.sync, stored.restart_from
    is_full = stored.is_full_wanted or sync.pulled_fully_at is None or sync.pulled_fully_at < now - FULLY_EVERY
    restarts = (
        restart_from is not None
        and sync.through is not None
        and now - OLDEST_RESTART < restart_from < sync.through
        and (stored.restarted_at is None or stored.restarted_at <= now - RESTARTED_EVERY)
    )
    start = Position(cursor=sync.cursor)
    if is_full:
        start = Position()
    elif restarts:
        start = Position(modified_after=restart_from)
    is_due = is_full or restarts or sync.through is None or (restart_from is not None and restart_from >= sync.through)
    return replace(
        stored,
        sync=replace(
            sync,
            run=Run(
                began_at=now,
                is_full=is_full,
                may_delete=stored.may_delete,
                start=start,
                expected=stored.announced or None,
            ),
        ),
        wanted_at=stored.wanted_at if stored.wanted_at and stored.wanted_at > now else None,
        announced=0,
        may_delete=False,
        is_full_wanted=False,
        restarted_at=now if restarts else stored.restarted_at,
        restart_from=None if is_due else restart_from,
    )
