"""What we read of Nango's records: only where each stands, as PostgreSQL reads the rest."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta


class RecordPage(msgspec.Struct, frozen=True):
    """The answer of `GET /records`; the records, an array, stay as they came."""

    records: msgspec.Raw
    next_cursor: str | None


class Standing(msgspec.Struct, frozen=True):
    """When a record was last modified, and the cursor behind it."""

    last_modified_at: Annotated[datetime, Meta(tz=True)]
    cursor: Annotated[str, Meta(min_length=1)]


class Record(msgspec.Struct, frozen=True):
    standing: Standing = msgspec.field(name="_nango_metadata")
