"""One record."""

from collections.abc import Callable
from typing import Literal, TypeAlias

import msgspec

from entrypoints.sandbox.nango.records.moments import Place, cursor_text, moment_text

Action = Literal["ADDED", "UPDATED", "DELETED"]


# A million of these are held at once: no cycle runs through them, so that the collector need not look at them.
class Made(msgspec.Struct, frozen=True, gc=False):
    """A payload that is not stored, but written from a number whenever it is asked for."""

    write: Callable[[int], bytes]
    number: int


Payload: TypeAlias = bytes | Made
"""A JSON object with an `id`."""


def written(payload: Payload) -> bytes:
    return payload if isinstance(payload, bytes) else payload.write(payload.number)


class Record(msgspec.Struct, gc=False):
    """`first_seen` and `modified` are moments; `deleted_at` and `pruned_at` are as they are printed."""

    uuid: bytes
    payload: Payload
    first_seen: int
    modified: int
    deleted_at: str | None = None
    pruned_at: str | None = None

    @property
    def action(self) -> Action:
        if self.deleted_at is not None:
            return "DELETED"
        return "ADDED" if self.first_seen == self.modified else "UPDATED"

    @property
    def place(self) -> Place:
        return self.modified, self.uuid


class Printer:
    """Prints records as `GET /records` lists them; most of a page share their moments."""

    def __init__(self) -> None:
        self._moments: dict[int, str] = {}

    def cursor(self, record: Record) -> str:
        return cursor_text(self._text(record.modified), record.uuid)

    def print(self, record: Record) -> bytes:
        deleted, pruned = (f'"{at}"' if at else "null" for at in (record.deleted_at, record.pruned_at))
        metadata = (
            f',"_nango_metadata":{{"first_seen_at":"{self._text(record.first_seen)}",'
            f'"last_modified_at":"{self._text(record.modified)}","last_action":"{record.action}",'
            f'"deleted_at":{deleted},"pruned_at":{pruned},"cursor":"{self.cursor(record)}"}}}}'
        )
        return written(record.payload)[:-1] + metadata.encode()

    def _text(self, moment: int) -> str:
        text = self._moments.get(moment)
        if text is None:
            text = self._moments[moment] = moment_text(moment)
        return text
