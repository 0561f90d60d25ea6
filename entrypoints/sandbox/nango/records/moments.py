"""Moments to the microsecond, as PostgreSQL prints them, and the cursors made of them."""

import re
from base64 import b64decode, b64encode
from binascii import Error
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
CURSOR: Final = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d))\|\|"
    r"([0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})",
    re.IGNORECASE,
)

Place: TypeAlias = tuple[int, bytes]
"""Where a record stands: when it was last modified, in microseconds since 1970, and its UUID."""


def moment_of(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND


def moment_text(moment: int) -> str:
    """`2026-11-21T06:03:47.54957+00:00`: PostgreSQL leaves out the zeros at the end."""
    at = EPOCH + timedelta(microseconds=moment)
    fraction = f".{at.microsecond:06d}".rstrip("0") if at.microsecond else ""
    return f"{at:%Y-%m-%dT%H:%M:%S}{fraction}+00:00"


def uuid_text(uuid: bytes) -> str:
    digits = uuid.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def cursor_text(moment: str, uuid: bytes) -> str:
    return b64encode(f"{moment}||{uuid_text(uuid)}".encode()).decode()


def place_in(cursor: str) -> Place | None:
    """Read a cursor; nothing when it is none."""
    try:
        found = CURSOR.fullmatch(b64decode(cursor + "==").decode("ascii"))
        return found and (moment_of(datetime.fromisoformat(found[1])), bytes.fromhex(found[2].replace("-", "")))
    except (Error, ValueError):
        return None
