"""One page of a table."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Final

from entrypoints.sandbox.nango.records.moments import Place
from entrypoints.sandbox.nango.records.record import Action, Printer, Record
from entrypoints.sandbox.nango.records.table import Table

ALL: Final[frozenset[Action]] = frozenset({"ADDED", "UPDATED", "DELETED"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What somebody asks for; a page ends early when its records come to more than `most_bytes`."""

    limit: int = 100
    after: Place | None = None
    modified_after: int = 0
    actions: frozenset[Action] = ALL
    ids: tuple[str, ...] | None = None
    most_bytes: int | None = None


def page_of(table: Table, wanted: Selection) -> bytes:
    """Print the page as `GET /records` answers; only a page with more behind it has a next cursor."""
    printer, printed, size = Printer(), list[bytes](), 0
    last: Record | None = None
    for record in _matching(table, wanted):
        if last is not None and (len(printed) == wanted.limit or _is_full(size, wanted)):
            return _answer(printed, printer.cursor(last))
        printed.append(printer.print(record))
        size += len(printed[-1])
        last = record
    return _answer(printed, None)


def _is_full(size: int, wanted: Selection) -> bool:
    return wanted.most_bytes is not None and size >= wanted.most_bytes


def _matching(table: Table, wanted: Selection) -> Iterable[Record]:
    records = table.order
    if wanted.ids is not None:
        named = (table.by_id[one] for one in {*wanted.ids} if one in table.by_id)
        records = sorted(named, key=lambda record: record.place)
    first = bisect_left(records, (wanted.modified_after, b""), key=lambda record: record.place)
    if wanted.after is not None:
        first = max(first, bisect_right(records, wanted.after, key=lambda record: record.place))
    found = islice(records, first, None)
    return found if wanted.actions == ALL else (one for one in found if one.action in wanted.actions)


def _answer(printed: list[bytes], cursor: str | None) -> bytes:
    following = b"null" if cursor is None else f'"{cursor}"'.encode()
    return b'{"next_cursor":%b,"records":[%b]}' % (following, b",".join(printed))
