"""One call to Nango, and what came back."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Final, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from domain.connection import ConnectionId
from domain.errors import ConnectionNotFound, UpstreamUnavailable

T = TypeVar("T")

LARGEST_BODY_BYTES: Final = 2 * 1024 * 1024

# Nango gives out UUIDs; others can be imported, but none that a server on the way might take for a path.
CONNECTION_ID: Final = re.compile(r"[A-Za-z0-9_.:@~+=-]{1,255}")


class Bucket(StrEnum):
    """Who is asked, as far as limits and errors go."""

    API = "api"
    """Nango's own routes, with the secret key."""
    PROXY = "proxy"
    """GitHub, through Nango, with the secret key."""
    BROWSER = "browser"
    """Routes made for browsers: no secret key, and limits of their own."""


class Outcome(StrEnum):
    """What came of trying to call; a closed set, as it labels metrics."""

    ANSWERED = "answered"
    REFUSED = "refused"
    FAILED = "failed"
    TOO_MANY = "too_many"
    NO_ANSWER = "no_answer"
    NOT_SENT = "not_sent"
    """The share had no calls left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """`route` is the path without anybody's ids: only it may appear in messages and logs.

    `seconds` is how long the answer may take in place of the usual time, `largest_body` how large it may be.
    """

    method: str
    route: str
    path: str = field(repr=False)
    bucket: Bucket = Bucket.API
    query: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    body: object = field(default=None, repr=False)
    repeatable: bool = True
    seconds: float | None = None
    largest_body: int = LARGEST_BODY_BYTES

    def __str__(self) -> str:
        return f"{self.method} {self.route}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The body stays unread until somebody knows what to look for in it."""

    call: Call
    status: int
    headers: httpx.Headers = field(repr=False)
    body: bytes = field(repr=False)

    def decode(self, document: type[T]) -> T:
        """Read the body; raises `UpstreamUnavailable` if it is not such a document."""
        return self.decode_part(self.body, document)

    def decode_part(self, part: bytes | msgspec.Raw, document: type[T]) -> T:
        """Read what was left undecoded, in the same way."""
        try:
            return msgspec.json.decode(part, type=document)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            # The cause is left out: it was raised over a document with tokens.
            raise UpstreamUnavailable(f"the answer to {self.call} cannot be understood") from None

    def number(self, header: str) -> int | None:
        """Read a header that is a whole number, zero or more."""
        text = self.headers.get(header, "")
        return int(text) if re.fullmatch(r"[0-9]{1,12}", text) else None

    def seconds_until(self, header: str, now: float) -> float | None:
        """Tell how far off an epoch second in a header is, by the sender's own clock if it says its time."""
        moment = self.number(header)
        if moment is None:
            return None
        with suppress(ValueError):
            now = parsedate_to_datetime(self.headers.get("date", "")).timestamp()
        return moment - now


def in_path(connection_id: ConnectionId) -> str:
    """Quote a connection's id as one segment of a path; raises `ConnectionNotFound` for what cannot be one."""
    checked = in_header(connection_id)
    if checked in {".", ".."}:
        raise ConnectionNotFound("there is no such connection in Nango")
    return quote(checked, safe="")


def in_header(connection_id: ConnectionId) -> str:
    """Check that a connection's id, which a stranger may have made up, can be sent as a header's value."""
    if not CONNECTION_ID.fullmatch(connection_id):
        raise ConnectionNotFound("there is no such connection in Nango")
    return connection_id
