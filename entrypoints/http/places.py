"""Places in lists of synced data, and moments in filters."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import msgspec

from domain.errors import Invalid
from domain.replica import CommitPlace
from entrypoints.http.numbers import LARGEST_ISSUE, number_in

LONGEST_PLACE: Final = 150
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
COMMIT: Final = re.compile(r"(-?[0-9]{1,18})\.([0-9a-f]{7,64})")
WRONG_PLACE: Final = "after must be the `next` of an earlier answer"
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


def after_number(number: int) -> str:
    """Make an opaque cursor: what comes after the pull request or issue with this number."""
    return opaque(str(number))


def number_after(cursor: str | None) -> int | None:
    """Read such a cursor; raises `Invalid`."""
    if cursor is None:
        return None
    number = number_in(text_in(cursor), LARGEST_ISSUE)
    if number is None:
        raise Invalid(WRONG_PLACE)
    return number


def after_commit(place: CommitPlace) -> str:
    return opaque(f"{(place.ordered_at - EPOCH) // MICROSECOND}.{place.sha}")


def commit_after(cursor: str | None) -> CommitPlace | None:
    """Read the cursor of a commit; raises `Invalid`."""
    if cursor is None:
        return None
    read = COMMIT.fullmatch(text_in(cursor))
    try:
        place = CommitPlace(ordered_at=EPOCH + int(read[1]) * MICROSECOND, sha=read[2]) if read else None
    except OverflowError:
        place = None
    if place is None or after_commit(place) != cursor:
        raise Invalid(WRONG_PLACE)
    return place


def opaque(text: str) -> str:
    return urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def text_in(cursor: str) -> str:
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except ValueError:
        raise Invalid(WRONG_PLACE) from None
    # The decoder passes over what it does not know.
    if opaque(text) != cursor:
        raise Invalid(WRONG_PLACE)
    return text


def moment_named(name: str, text: str | None) -> datetime | None:
    """Read a time with its zone (RFC 3339); raises `Invalid`."""
    if text is None:
        return None
    try:
        return msgspec.convert(text, Moment)
    except msgspec.ValidationError:
        words = f"{name} must be a time with its zone, like 2026-01-31T12:00:00Z; a + in it is sent as %2B"
        raise Invalid(words) from None


def period_named(since: str | None, until: str | None) -> tuple[datetime | None, datetime | None]:
    """Read both ends of a period, which may be open; raises `Invalid`."""
    begin, end = moment_named("since", since), moment_named("until", until)
    if begin is not None and end is not None and begin >= end:
        raise Invalid("since must be earlier than until")
    return begin, end
