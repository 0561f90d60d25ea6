"""What Nango's syncs keep, in memory."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal, TypeAlias

from application.ports.clock import Clock
from application.ports.synced_records import SyncedRecords
from domain.connection import ConnectionId
from domain.errors import ConnectionNotFound, CursorRefused
from domain.sync import Position, RecordPage, Sync, SyncKey
from tests.fakes.clock import FakeClock
from tests.fakes.nango.troubles import Troubles

Payload: TypeAlias = dict[str, Any]
MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeRecord:
    payload: Payload
    first_seen_at: datetime
    modified_at: datetime
    deleted_at: datetime | None = None
    pruned_at: datetime | None = None

    @property
    def id(self) -> str:
        return str(self.payload["id"])

    @property
    def place(self) -> tuple[datetime, str]:
        return self.modified_at, self.id

    @property
    def action(self) -> str:
        if self.deleted_at is not None:
            return "DELETED"
        return "ADDED" if self.first_seen_at == self.modified_at else "UPDATED"


@dataclass(slots=True, kw_only=True)
class FakeSyncedRecords(SyncedRecords, Troubles[Literal["page"]]):
    """Records by connection, model and variant; each change has a moment of its own, even if the clock stands still.

    A page has at most `page_size` records, and ends when they come to `page_bytes`. `gone` are connections that Nango
    does not have; `asked` is every position that was asked for.
    """

    clock: Clock = field(default_factory=FakeClock)
    page_size: int = 100
    page_bytes: int | None = None
    gone: set[ConnectionId] = field(default_factory=set[ConnectionId])
    asked: list[tuple[SyncKey, Position]] = field(default_factory=list[tuple[SyncKey, Position]])
    _records: dict[SyncKey, dict[str, FakeRecord]] = field(default_factory=dict[SyncKey, dict[str, FakeRecord]])
    _last: datetime | None = None
    _generation: int = 0

    def put(self, key: SyncKey, *payloads: Payload) -> None:
        """Add and change; what is as it was does not move."""
        at, records = self._moment(), self._records.setdefault(key, {})
        for payload in payloads:
            known = records.get(str(payload["id"]))
            if known is None:
                records[str(payload["id"])] = FakeRecord(payload=payload, first_seen_at=at, modified_at=at)
            elif known.payload != payload or known.deleted_at or known.pruned_at:
                changed = replace(known, payload=payload, modified_at=at, deleted_at=None, pruned_at=None)
                records[known.id] = changed

    def delete(self, key: SyncKey, *ids: str, keeps_payload: bool = True) -> None:
        """Mark as deleted what is listed on; a sync may pass only the ids, and then nothing else is left."""
        at, records = self._moment(), self._records.setdefault(key, {})
        for known in [records[one] for one in ids if one in records]:
            payload = known.payload if keeps_payload else {"id": known.payload["id"]}
            records[known.id] = replace(known, payload=payload, modified_at=at, deleted_at=at)

    def prune(self, key: SyncKey, *ids: str) -> None:
        """Drop the payloads of these records; they do not move."""
        at, records = self._moment(), self._records.setdefault(key, {})
        for known in [records[one] for one in ids if one in records]:
            records[known.id] = replace(known, payload={"id": known.payload["id"]}, pruned_at=at)

    def empty(self, key: SyncKey) -> None:
        self._records.pop(key, None)

    def refuse_cursors(self) -> None:
        """Let every cursor that was given out until now be worth nothing."""
        self._generation += 1

    async def page(self, sync: Sync, position: Position) -> RecordPage:
        self.asked.append((sync.key, position))
        with self.called("page"):
            if sync.key.connection_id in self.gone:
                raise ConnectionNotFound("there is no such connection")
            found = self._behind(sync.key, position)
            page = self._cut(found)
            return RecordPage(
                records=b"[%b]" % b",".join(self._print(record) for record in page),
                count=len(page),
                cursor=self._cursor(page[-1]) if page else None,
                through=page[-1].modified_at if page else None,
                is_last=len(page) == len(found),
            )

    def _behind(self, key: SyncKey, position: Position) -> list[FakeRecord]:
        records = sorted(self._records.get(key, {}).values(), key=lambda record: record.place)
        if position.cursor is not None:
            place = self._place(position.cursor)
            return [record for record in records if record.place > place]
        after = position.modified_after
        if after is None:
            return records
        earliest = after.replace(microsecond=after.microsecond // 1000 * 1000)
        return [record for record in records if record.modified_at >= earliest]

    def _cut(self, records: Iterable[FakeRecord]) -> list[FakeRecord]:
        page, size = list[FakeRecord](), 0
        for record in records:
            if page and (len(page) == self.page_size or (self.page_bytes is not None and size >= self.page_bytes)):
                break
            page.append(record)
            size += len(self._print(record))
        return page

    def _cursor(self, record: FakeRecord) -> str:
        return f"{self._generation} {record.modified_at.isoformat()} {record.id}"

    def _place(self, cursor: str) -> tuple[datetime, str]:
        match cursor.split(" ", 2):
            case [generation, moment, record_id] if generation == str(self._generation):
                return datetime.fromisoformat(moment), record_id
            case _:
                raise CursorRefused("the cursor is not taken")

    def _print(self, record: FakeRecord) -> bytes:
        metadata = {
            "first_seen_at": record.first_seen_at.isoformat(),
            "last_modified_at": record.modified_at.isoformat(),
            "last_action": record.action,
            "deleted_at": record.deleted_at and record.deleted_at.isoformat(),
            "pruned_at": record.pruned_at and record.pruned_at.isoformat(),
            "cursor": self._cursor(record),
        }
        return json.dumps({**record.payload, "_nango_metadata": metadata}).encode()

    def _moment(self) -> datetime:
        now = self.clock.now()
        self._last = now if self._last is None else max(now, self._last + MICROSECOND)
        return self._last
