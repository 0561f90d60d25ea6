"""Readings because of hints, in memory."""

from datetime import datetime

from application.ports.rereads import Rereads


class InMemoryRereads(Rereads):
    def __init__(self, rows: dict[str, datetime]) -> None:
        self._rows = rows

    async def last(self, subject: str) -> datetime | None:
        return self._rows.get(subject)

    async def note(self, subject: str, began_at: datetime) -> None:
        self._rows[subject] = max(began_at, self._rows.get(subject, began_at))

    async def forget_before(self, moment: datetime) -> int:
        old = [subject for subject, began_at in self._rows.items() if began_at < moment]
        for subject in old:
            del self._rows[subject]
        return len(old)
