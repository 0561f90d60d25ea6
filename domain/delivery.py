"""One webhook as received, and what became of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final, NewType, TypeAlias

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

DeliveryId = NewType("DeliveryId", int)


class DeliveryKind(StrEnum):
    """A closed set, as it labels metrics."""

    AUTH = "auth"
    SYNC = "sync"
    FORWARD = "forward"
    ASYNC_ACTION = "async_action"
    GITHUB = "github"
    UNKNOWN = "unknown"


class DeliveryState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    IGNORED = "ignored"
    HELD = "held"


GITHUB_EVENT: Final = "x-github-event"
KEPT_HEADERS: Final = frozenset({GITHUB_EVENT, "x-github-delivery", "x-github-hook-id", "content-type", "user-agent"})
LONGEST_KEPT_HEADER: Final = 256
# What Nango writes itself is small; what it passes on from GitHub may not be.
LARGEST_OWN_BYTES: Final = 1024 * 1024
REDACTED: Final = "[redacted]"
SECRET_KEY: Final = re.compile(
    r"token|secret|credential|password|passphrase|authorization|cookie|session|signature|verifier|jwt"
    r"|(?:private|api)_?key|^code$",
    re.IGNORECASE,
)
# Possessive throughout, so that no text takes longer than its length.
SECRET_TEXT: Final = re.compile(
    r"gh[a-z]_[a-z0-9]{10,}+"  # GitHub's tokens
    r"|github_pat_\w++"
    r"|nango_connect_session_[0-9a-f]++"
    r"|(?<![\w-])eyJ[\w-]++\.[\w-]++(?:\.[\w-]*+)?+"  # a JSON Web Token
    r"|-----BEGIN [A-Z ]++-----[^-]*+(?:-----END [A-Z ]++-----)?+"
    r"|\bbearer\s++[^\s\"'\\]++"
    r"|authorization[\"'\\]*+\s*+[:=]\s*+[\"'\\]*+\w++\s++[^\s\"'\\]++"
    r"|x-access-token:[^@\s]++"
    # Nango puts whole connections into error texts, as JSON inside of a string.
    r"|(?:token|secret|password|passphrase|cookie|signature|verifier|jwt|(?:private|api)_?key|(?<![a-z_])code)"
    r"[\"'\\]*+\s*+(?:[:=]|%3[ad])\s*+[\"'\\]*+[^\s\"'\\,;&}]++",
    re.IGNORECASE,
)
# PostgreSQL's jsonb has no place for these.
UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
LARGEST_NUMBER: Final = 2**63 - 1
FIRST_RETRY: Final = timedelta(seconds=1)
LONGEST_RETRY: Final = timedelta(minutes=5)
# About an hour.
MOST_TRIES: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedDelivery:
    """A delivery as it is kept: redacted, with a hash and the number of the bytes as sent."""

    kind: DeliveryKind
    body: Json
    body_hash: bytes
    size: int
    headers: Mapping[str, str]
    received_at: datetime

    @classmethod
    def receive(cls, raw: bytes, body: Json, headers: Mapping[str, str], at: datetime) -> "ReceivedDelivery":
        return cls(
            kind=kind_of(body, headers),
            body=redact(body),
            body_hash=sha256(raw).digest(),
            size=len(raw),
            headers={
                name: redact_text(value)[:LONGEST_KEPT_HEADER]
                for name, value in headers.items()
                if name.lower() in KEPT_HEADERS
            },
            received_at=at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A waiting delivery, claimed for processing; `tries` counts this one."""

    id: DeliveryId
    kind: DeliveryKind
    body: Json
    headers: Mapping[str, str]
    received_at: datetime
    tries: int

    @property
    def github_event(self) -> str | None:
        """Say what kind of event GitHub sent: only a header tells, and anybody can have sent it."""
        return next((value for name, value in self.headers.items() if name.lower() == GITHUB_EVENT), None)

    @property
    def github_payload(self) -> Json:
        """Take GitHub's own document out of Nango's envelope, if it is in one."""
        if self.kind is DeliveryKind.FORWARD:
            return self.body.get("payload") if isinstance(self.body, dict) else None
        return self.body

    def retry_at(self, now: datetime) -> datetime | None:
        """Say when to try again after a failure that may pass; None: hold it for a person to look at."""
        if self.tries >= MOST_TRIES:
            return None
        return now + min(FIRST_RETRY * 2 ** (self.tries - 1), LONGEST_RETRY)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySummary:
    """What an operator sees of a delivery in a list; `received` counts equal ones, `due_at` is the next try's time."""

    id: DeliveryId
    kind: DeliveryKind
    state: DeliveryState
    received_at: datetime
    received: int
    tries: int
    due_at: datetime
    note: str | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryDetails:
    """All that is kept of a delivery; its body was redacted when it came."""

    summary: DeliverySummary
    body: Json
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryStats:
    """How many deliveries there are in each state; `received` counts every arrival, `merged` those that were equal."""

    received: int
    merged: int
    waiting: int
    done: int
    ignored: int
    held: int
    oldest_waiting: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryBacklog:
    """What is not closed for good; cheap to ask for, however many were."""

    waiting: int
    held: int
    oldest_waiting: datetime | None


def kind_of(body: Json, headers: Mapping[str, str]) -> DeliveryKind:
    """Tell Nango's own envelopes from a GitHub event that Nango passed on bare."""
    named = body.get("type") if isinstance(body, dict) else None
    if isinstance(named, str) and named in {"auth", "sync", "forward", "async_action"}:
        return DeliveryKind(named)
    if any(name.lower() == GITHUB_EVENT for name in headers):
        return DeliveryKind.GITHUB
    return DeliveryKind.UNKNOWN


def redact(value: Json) -> Json:
    """Replace whatever looks like a token: a stored delivery must not be worth stealing."""
    match value:
        case dict():
            return {
                redact_text(key): REDACTED if SECRET_KEY.search(key) and item else redact(item)
                for key, item in value.items()
            }
        case list():
            return [redact(item) for item in value]
        case str():
            return redact_text(value)
        case _:
            return value


def redact_text(text: str) -> str:
    return UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", SECRET_TEXT.sub(REDACTED, text))


def text_at(body: Json, *path: str) -> str | None:
    """Read a text inside of a document of which nothing is known."""
    found = value_at(body, *path)
    return found if isinstance(found, str) else None


def number_at(body: Json, *path: str) -> int | None:
    """Read a positive whole number of 64 bits likewise."""
    found = value_at(body, *path)
    if not isinstance(found, int) or isinstance(found, bool):
        return None
    return found if 0 < found <= LARGEST_NUMBER else None


def value_at(body: Json, *path: str) -> Json:
    for key in path:
        if not isinstance(body, dict):
            return None
        body = body.get(key)
    return body
