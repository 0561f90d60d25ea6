"""The records of one model of one connection, in the order in which they last changed."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from entrypoints.sandbox.nango.records.moments import moment_of, moment_text
from entrypoints.sandbox.nango.records.record import Payload, Record, written
from entrypoints.sandbox.wire import compact_json, offset_time


@dataclass(slots=True)
class Saved:
    """What became of the records of one batch, as a sync counts them."""

    added: int = 0
    updated: int = 0
    deleted: int = 0

    def add(self, other: "Saved") -> None:
        self.added += other.added
        self.updated += other.updated
        self.deleted += other.deleted


@dataclass(slots=True)
class Table:
    """Every batch has a moment of its own, later than all before: where a clock stands still, by a microsecond."""

    name: Callable[[str], bytes]
    by_id: dict[str, Record] = field(default_factory=dict[str, Record])
    order: list[Record] = field(default_factory=list[Record])
    batches: int = 0
    _last: int = 0

    def save(self, batch: Iterable[tuple[str, Payload]], now: datetime) -> Saved:
        """Add and change records by their id, of which the first counts; one that is as it was does not move.

        What was deleted and comes back counts as added, and is listed as updated: it was seen before. What was pruned
        is written anew even when it is as it was.
        """
        at, saved, moved = self._moment(now), Saved(), dict[str, Record]()
        for record_id, payload in batch:
            known = self.by_id.get(record_id)
            if known is None:
                moved[record_id] = self.by_id[record_id] = Record(self.name(record_id), payload, at, at)
                saved.added += 1
            elif record_id not in moved and not _is_same(known, payload):
                saved.added += known.deleted_at is not None
                saved.updated += known.deleted_at is None
                known.payload, known.deleted_at, known.pruned_at = payload, None, None
                moved[record_id] = known
        self._move(moved.values(), at)
        return saved

    def delete(self, batch: Iterable[tuple[str, Payload | None]], now: datetime) -> Saved:
        """Mark records as deleted; a payload that is given stays in place of what was there."""
        at, saved, moved = self._moment(now), Saved(), dict[str, Record]()
        for record_id, payload in batch:
            known = self.by_id.get(record_id)
            if known is not None and record_id not in moved:
                saved.deleted += known.deleted_at is None
                known.payload, known.deleted_at = payload or known.payload, offset_time(now)
                moved[record_id] = known
        self._move(moved.values(), at)
        return saved

    def delete_others(self, seen: Collection[str], now: datetime) -> Saved:
        """Mark as deleted what a run over everything did not see, with its payload."""
        at = self._moment(now)
        gone = [one for key, one in self.by_id.items() if one.deleted_at is None and key not in seen]
        for record in gone:
            record.deleted_at = moment_text(at)
        self._move(gone, at)
        return Saved(deleted=len(gone))

    def prune(self, ids: Iterable[str] | None, now: datetime) -> int:
        """Drop the payloads of these records, or of all; their places stay."""
        at = moment_text(self._moment(now))
        pruned = [(key, self.by_id[key]) for key in (self.by_id if ids is None else ids) if key in self.by_id]
        for record_id, record in pruned:
            record.payload, record.pruned_at = compact_json({"id": record_id}), at
        return len(pruned)

    def empty(self) -> None:
        self.by_id.clear()
        self.order.clear()

    def count(self) -> int:
        return sum(record.deleted_at is None for record in self.order)

    def _moment(self, now: datetime) -> int:
        self.batches += 1
        self._last = max(self._last + 1, moment_of(now))
        return self._last

    def _move(self, records: Collection[Record], at: int) -> None:
        """Put what changed at the end, by its UUID."""
        were_there = any(record.first_seen != at for record in records)
        for record in records:
            record.modified = at
        if were_there:
            self.order = [record for record in self.order if record.modified != at]
        self.order += sorted(records, key=lambda record: record.uuid)


def _is_same(known: Record, payload: Payload) -> bool:
    if known.deleted_at is not None or known.pruned_at is not None:
        return False
    return known.payload == payload or written(known.payload) == written(payload)
