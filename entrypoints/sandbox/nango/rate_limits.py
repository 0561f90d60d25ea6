"""Nango's rate limit: a fixed window of a minute for each of two buckets of the account."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from entrypoints.sandbox.calls import Bucket

WINDOW: Final = timedelta(minutes=1)
USUAL_LIMIT: Final = 200


@dataclass(slots=True)
class Window:
    ends_at: datetime
    used: int = 0


@dataclass(frozen=True, slots=True)
class Charged:
    """How a call left its bucket; `retry_after_seconds` only when the call is one too many."""

    limit: int
    remaining: int
    reset_at: datetime
    retry_after_seconds: int | None

    def headers(self) -> dict[str, str]:
        headers = {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(ceil(self.reset_at.timestamp())),
        }
        if self.retry_after_seconds is not None:
            headers["Retry-After"] = str(self.retry_after_seconds)
        return headers


@dataclass(slots=True)
class RateLimits:
    windows: dict[Bucket, Window] = field(default_factory=dict[Bucket, Window])

    def charge(self, bucket: Bucket, limit: int | None, at: datetime) -> Charged:
        """Count a call; without a limit nothing is refused, and the headers say that there is plenty."""
        if limit is None:
            return Charged(USUAL_LIMIT, USUAL_LIMIT - 1, at + WINDOW, None)
        window = self.windows.get(bucket)
        if window is None or at >= window.ends_at:
            window = self.windows[bucket] = Window(ends_at=at + WINDOW)
        window.used += 1
        if window.used > limit:
            seconds = max(int((window.ends_at - at).total_seconds()), 0)
            return Charged(limit, 0, window.ends_at, seconds)
        return Charged(limit, limit - window.used, window.ends_at, None)
