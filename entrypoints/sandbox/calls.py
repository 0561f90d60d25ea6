"""What was asked of the sandbox: counters for ever, the latest calls in full."""

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

KEPT_CALLS: Final = 1000
KEPT_ENDPOINTS: Final = 500

Bucket = Literal["secret", "connect", "public", "github"]
"""Whose rate limit a call counts against: the secret key's, a connect session's, none, or GitHub's."""


@dataclass(frozen=True, slots=True)
class Call:
    at: datetime
    endpoint: str
    bucket: Bucket


@dataclass(slots=True)
class CallLog:
    latest: deque[Call] = field(default_factory=lambda: deque[Call](maxlen=KEPT_CALLS))
    counts: Counter[tuple[str, Bucket]] = field(default_factory=Counter[tuple[str, Bucket]])

    def note(self, at: datetime, endpoint: str, bucket: Bucket) -> None:
        self.latest.append(Call(at, endpoint, bucket))
        if (endpoint, bucket) in self.counts or len(self.counts) < KEPT_ENDPOINTS:
            self.counts[endpoint, bucket] += 1
