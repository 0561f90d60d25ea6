"""Readings because of hints, in memory."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from application.ports.rereads import Rereads


@dataclass(frozen=True, slots=True)
class StoredReread:
    tried_at: datetime
    read_at: datetime | None = None


class InMemoryRereads(Rereads):
    def __init__(self, rows: dict[str, StoredReread]) -> None:
        self._rows = rows

    async def last(self, subject: str) -> datetime | None:
        stored = self._rows.get(subject)
        return stored.read_at if stored else None

    async def begin(self, subject: str, now: datetime, rested_since: datetime) -> datetime | None:
        stored = self._rows.get(subject)
        if stored is not None and stored.tried_at > rested_since:
            return stored.tried_at
        self._rows[subject] = StoredReread(now, stored.read_at if stored else None)
        return None

    async def note(self, subject: str, began_at: datetime) -> None:
        stored = self._rows[subject]
        self._rows[subject] = replace(stored, read_at=max(began_at, stored.read_at or began_at))

    async def withdraw(self, subject: str, began_at: datetime) -> None:
        stored = self._rows.get(subject)
        if stored is not None and stored.tried_at == began_at:
            self._rows[subject] = replace(stored, tried_at=datetime.min.replace(tzinfo=UTC))

    async def forget_before(self, moment: datetime) -> int:
        old = [subject for subject, stored in self._rows.items() if stored.tried_at < moment]
        for subject in old:
            del self._rows[subject]
        return len(old)
