"""A clock that tests wind."""

from datetime import UTC, datetime, timedelta

from application.ports.clock import Clock

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


class FakeClock(Clock):
    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> datetime:
        return self.time

    def advance(self, by: timedelta) -> None:
        self.time += by
