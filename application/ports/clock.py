"""The time of day."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """Tell the time, aware and in UTC."""
        ...
