"""Records as a text that PostgreSQL can take."""

from typing import Final

import msgspec

from domain.delivery import UNSTORABLE, Json

# How JSON spells what jsonb has no place for. A pair of surrogates is fine, and looks like this too.
SUSPICIOUS: Final = (b"\\u0000", b"\\ud", b"\\uD")


def storable(records: bytes) -> bytes:
    """Return the records as they are, unless a text in them has a character that cannot be stored."""
    if not any(spelling in records for spelling in SUSPICIOUS):
        return records
    return msgspec.json.encode(cleaned(msgspec.json.decode(records)))


def cleaned(value: Json) -> Json:
    match value:
        case dict():
            return {cleaned_text(key): cleaned(item) for key, item in value.items()}
        case list():
            return [cleaned(item) for item in value]
        case str():
            return cleaned_text(value)
        case _:
            return value


def cleaned_text(text: str) -> str:
    return UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)
