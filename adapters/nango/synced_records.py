"""The records that Nango's syncs keep."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

import msgspec

from adapters.nango.budget import Share
from adapters.nango.calls import Answer, Call, in_header
from adapters.nango.client import NangoClient
from adapters.nango.record_documents import Record, RecordPage
from adapters.nango.refusals import meaning, nango_error
from application.ports.synced_records import SyncedRecords
from domain import sync as domain
from domain.connection import ConnectionKind
from domain.errors import AnswerTooLarge, CursorRefused, UpstreamUnavailable
from domain.sync import BASE_VARIANT, OLDEST_RESTART, Position, Sync, SyncId

PAGE_SIZE: Final = 5_000
LARGEST_PAGE_BYTES: Final = 32 * 1024 * 1024
# A page below this may be twice as long without coming near what is too large.
SMALL_PAGE_BYTES: Final = LARGEST_PAGE_BYTES // 4
PAGE_SECONDS: Final = 60.0
# Nango reads a cursor only in its database, whose failure it then reports; another version may check it before.
REFUSALS_OF_A_CURSOR: Final = {
    (HTTPStatus.INTERNAL_SERVER_ERROR, "server_error"),
    (HTTPStatus.BAD_REQUEST, "invalid_query_params"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NangoSyncedRecords(SyncedRecords):
    """A page costs one call of the share; while the pages turn out too large, they are halved, for a call each.

    `page_size` is how many records are asked for at first.
    """

    client: NangoClient
    integration: str
    share: Share = Share.SYNC
    page_size: int = PAGE_SIZE
    _limits: dict[SyncId, int] = field(init=False, default_factory=dict[SyncId, int])

    async def page(self, sync: Sync, position: Position) -> domain.RecordPage:
        while True:
            limit = self._limits.get(sync.id, self.page_size)
            try:
                answer = await self._ask(sync, position, limit)
            except AnswerTooLarge:
                if limit == 1:
                    raise
                self._limits[sync.id] = limit // 2
            else:
                if limit < self.page_size and len(answer.body) < SMALL_PAGE_BYTES:
                    self._limits[sync.id] = min(limit * 2, self.page_size)
                return _page(answer, position)

    async def _ask(self, sync: Sync, position: Position, limit: int) -> Answer:
        answer = await self._send(sync, limit, self._where(position))
        if answer.status == HTTPStatus.OK:
            return answer
        if position.cursor is not None and _may_be_about_the_cursor(answer):
            without = await self._send(sync, 1, {})
            if without.status == HTTPStatus.OK:
                raise CursorRefused(f"{answer.call}: Nango does not take the cursor")
        raise meaning(answer, self.integration, self.client.now(), ConnectionKind.REPOSITORY)

    async def _send(self, sync: Sync, limit: int, where: Mapping[str, str]) -> Answer:
        variant = {} if sync.key.variant == BASE_VARIANT else {"variant": sync.key.variant}
        call = Call(
            method="GET",
            route="/records",
            path="/records",
            query={"model": sync.key.model, **variant, "limit": str(limit), **where},
            headers={"Connection-Id": in_header(sync.key.connection_id), "Provider-Config-Key": self.integration},
            seconds=PAGE_SECONDS,
            largest_body=LARGEST_PAGE_BYTES,
        )
        return await self.client.send(call, self.share)

    def _where(self, position: Position) -> Mapping[str, str]:
        if position.cursor is not None:
            return {"cursor": position.cursor}
        oldest = datetime.fromtimestamp(self.client.now(), UTC) - OLDEST_RESTART
        if position.modified_after is None or position.modified_after < oldest:
            return {}
        return {"modified_after": in_milliseconds(position.modified_after)}


def in_milliseconds(moment: datetime) -> str:
    """Write a moment as Nango takes it; what is finer is cut off, so that nothing is left out."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def _may_be_about_the_cursor(answer: Answer) -> bool:
    error = nango_error(answer)
    return error is not None and (answer.status, error.code) in REFUSALS_OF_A_CURSOR


def _page(answer: Answer, position: Position) -> domain.RecordPage:
    page = answer.decode(RecordPage)
    records = answer.decode_part(page.records, list[msgspec.Raw])
    is_last = page.next_cursor is None
    if not records:
        # Taken for the last one, it would end a list in the middle; asked for again, it would come again.
        if not is_last:
            raise UpstreamUnavailable(f"{answer.call}: a page without records that is not the last one")
        return domain.RecordPage(records=b"[]", count=0, cursor=None, through=None, is_last=True)
    last = answer.decode_part(records[-1], Record).standing
    if last.cursor == position.cursor:
        raise UpstreamUnavailable(f"{answer.call}: the page leads to where it began")
    return domain.RecordPage(
        records=bytes(page.records),
        count=len(records),
        cursor=last.cursor,
        through=last.last_modified_at,
        is_last=is_last,
    )
