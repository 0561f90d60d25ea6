"""Where a reading of one of GitHub's lists is: our own cursor."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec
from msgspec import Meta

from adapters.nango.content_documents import Moment
from domain.errors import CursorRefused
from domain.sync import Position


class Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The cursor's text; without `began_at` it is where the next run begins."""

    since: Moment | None = None
    began_at: Moment | None = None
    page: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    after: str | None = None
    branch: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A page of what was updated at `since` or later, or of everything, in a run that began then.

    GitHub's lists are cut into pages by number, some also by a cursor of GitHub's (`after`).
    """

    since: datetime | None
    began_at: datetime
    page: int = 1
    after: str | None = None
    branch: str | None = None

    @classmethod
    def of(cls, position: Position, now: datetime) -> "Place":
        """Raise `CursorRefused` for a cursor that is none of ours."""
        if position.cursor is None:
            return cls(since=position.modified_after, began_at=now)
        try:
            written = msgspec.json.decode(position.cursor, type=Written)
        except (msgspec.MsgspecError, UnicodeError):
            raise CursorRefused("this is no place in GitHub's lists") from None
        return cls(
            since=written.since,
            began_at=written.began_at or now,
            page=written.page,
            after=written.after,
            branch=written.branch,
        )

    @property
    def cursor(self) -> str:
        return _text(Written(self.since, self.began_at, self.page, self.after, self.branch))

    @property
    def cursor_of_next_run(self) -> str:
        return _text(Written(since=self.began_at))

    @property
    def query(self) -> dict[str, str]:
        return {"page": str(self.page), **({} if self.after is None else {"after": self.after})}

    def following(self, headers: httpx.Headers, *, is_full: bool) -> "Place | None":
        """Find the next page as GitHub's link says; without links there is one behind every full page."""
        links = httpx.Response(200, headers=headers).links
        if not links:
            return replace(self, page=self.page + 1, after=None) if is_full else None
        if "next" not in links:
            return None
        after = parse_qs(urlsplit(links["next"].get("url", "")).query).get("after")
        return replace(self, page=self.page + 1, after=after[0] if after else None)


def in_seconds(moment: datetime) -> str:
    """Write a moment as GitHub takes it."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _text(written: Written) -> str:
    return msgspec.json.encode(written).decode()
