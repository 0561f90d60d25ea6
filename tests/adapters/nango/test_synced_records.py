"""Records from recorded answers, and from those that nobody could record: too large, leading nowhere, in an outage."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import httpx
import pytest

from adapters.nango import synced_records
from adapters.nango.synced_records import PAGE_SIZE, NangoSyncedRecords, in_milliseconds
from domain.connection import ConnectionId
from domain.errors import (
    AnswerTooLarge,
    ConnectionNotFound,
    CursorRefused,
    DomainError,
    UpstreamMisconfigured,
    UpstreamUnavailable,
)
from domain.sync import Position, SyncId
from tests.adapters.nango import recorded
from tests.adapters.nango.stub import Nango, Reply
from tests.contract.recording import a_sync

SYNC = replace(a_sync(), key=replace(a_sync().key, model="GithubRepo"))
START, BEHIND = Position(), Position(cursor="zzz")
# The second in which the stubs say they are.
THEN = datetime.fromtimestamp(1795240159, UTC)


def port(nango: Nango) -> NangoSyncedRecords:
    return NangoSyncedRecords(client=nango.client(), integration="github-app-oauth")


def asked_of(nango: Nango) -> list[dict[str, str]]:
    return [dict(request.url.params) for request in nango.requests]


def a_page(*cursors: str, following: str | None = None) -> httpx.Response:
    records = [
        {"id": cursor, "_nango_metadata": {"last_modified_at": "2026-11-21T06:03:47.5+00:00", "cursor": cursor}}
        for cursor in cursors
    ]
    return httpx.Response(200, json={"next_cursor": following, "records": records})


async def failure(replies: Iterable[Reply], position: Position = START) -> DomainError:
    with pytest.raises(DomainError) as caught:
        await port(Nango(replies)).page(SYNC, position)
    return caught.value


async def test_a_recorded_page_is_kept_as_it_came() -> None:
    nango = Nango([recorded.answer("j_02_limit2")])

    page = await port(nango).page(SYNC, START)

    body = recorded.body("j_02_limit2")
    assert json.loads(page.records) == body["records"]
    assert (page.count, page.cursor, page.is_last) == (2, body["next_cursor"], False)
    assert page.through == datetime(2026, 11, 21, 6, 3, 47, 549570, tzinfo=UTC)


@pytest.mark.parametrize("file", ["j_01_all", "j_03_cursor3"])
async def test_the_last_page_stands_where_its_last_record_does(file: str) -> None:
    page = await port(Nango([recorded.answer(file)])).page(SYNC, START)

    last: Any = recorded.body(file)["records"][-1]
    assert page.is_last
    assert page.cursor == last["_nango_metadata"]["cursor"]


@pytest.mark.parametrize("file", ["j_05_modified_after_future", "j_08_unknown_model"])
async def test_no_records_are_an_empty_last_page(file: str) -> None:
    page = await port(Nango([recorded.answer(file)])).page(SYNC, START)

    assert (page.records, page.count, page.cursor, page.through, page.is_last) == (b"[]", 0, None, None, True)


async def test_it_is_asked_as_nango_takes_it() -> None:
    nango = Nango([a_page("a")] * 4)
    reading, moment = port(nango), datetime(2026, 11, 20, 7, 0, 0, 123_999, timezone(timedelta(hours=2)))

    await reading.page(SYNC, START)
    await reading.page(SYNC, Position(cursor="b", modified_after=moment))
    await reading.page(SYNC, Position(modified_after=moment))
    await reading.page(replace(SYNC, key=replace(SYNC.key, variant="main")), START)

    usual = {"model": "GithubRepo", "limit": str(PAGE_SIZE)}
    assert asked_of(nango) == [
        usual,
        {**usual, "cursor": "b"},
        {**usual, "modified_after": "2026-11-20T05:00:00.123Z"},
        {**usual, "variant": "main"},
    ]
    for request in nango.requests:
        assert request.headers["connection-id"] == SYNC.key.connection_id
        assert request.headers["provider-config-key"] == "github-app-oauth"


@pytest.mark.parametrize(("days", "is_asked"), [(359, True), (361, False)])
async def test_what_is_too_long_ago_is_not_asked_for(days: int, *, is_asked: bool) -> None:
    nango = Nango([a_page("a")])

    await port(nango).page(SYNC, Position(modified_after=THEN - timedelta(days=days)))

    assert ("modified_after" in asked_of(nango)[0]) is is_asked


def test_a_moment_is_written_to_the_millisecond() -> None:
    assert in_milliseconds(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00.000Z"


async def test_an_unknown_cursor_is_told_from_an_outage_by_asking_without_it() -> None:
    nango = Nango([recorded.answer("j_09_bad_cursor"), recorded.answer("j_02_limit2")])

    with pytest.raises(CursorRefused):
        await port(nango).page(SYNC, BEHIND)

    assert asked_of(nango)[1] == {"model": "GithubRepo", "limit": "1"}


@pytest.mark.parametrize("position", [START, BEHIND])
async def test_an_outage_refuses_no_cursor(position: Position) -> None:
    error = await failure([recorded.answer("j_09_bad_cursor")] * 2, position)

    assert type(error) is UpstreamUnavailable


async def test_a_cursor_that_is_checked_before_is_refused_too() -> None:
    refusal = {"error": {"code": "invalid_query_params", "errors": [{"message": "Invalid", "path": ["cursor"]}]}}

    assert isinstance(await failure([httpx.Response(400, json=refusal), a_page("a")], BEHIND), CursorRefused)


@pytest.mark.parametrize(
    ("file", "error"),
    [
        ("j_09_unknown_connection", ConnectionNotFound),
        ("j_08_bad_model", UpstreamUnavailable),
        ("j_05_modified_after_offset", UpstreamUnavailable),
        ("j_05_modified_after_old", UpstreamUnavailable),
        ("j_09_limit_too_big", UpstreamUnavailable),
        ("j_09_missing_headers", UpstreamUnavailable),
        ("a04_sessions_wrong_key_uuid", UpstreamMisconfigured),
    ],
)
async def test_a_recorded_refusal_is_told_apart(file: str, error: type[DomainError]) -> None:
    assert type(await failure([recorded.answer(file)])) is error


async def test_a_made_up_connection_is_not_asked_for() -> None:
    nango = Nango([])
    evil = replace(SYNC, key=replace(SYNC.key, connection_id=ConnectionId("a\r\nb")))

    with pytest.raises(ConnectionNotFound):
        await port(nango).page(evil, START)


@pytest.mark.parametrize(
    "reply",
    [
        a_page(following="more"),
        a_page("a", BEHIND.cursor or "", following="more"),
        httpx.Response(200, json={"records": [{"id": "a"}], "next_cursor": None}),
        httpx.Response(200, json={"records": [7], "next_cursor": None}),
        httpx.Response(200, json={"records": {}, "next_cursor": None}),
        httpx.Response(200, json={"records": []}),
        httpx.Response(200, text="<html>"),
    ],
)
async def test_a_page_that_leads_nowhere_ends_nothing_and_is_not_asked_for_at_once(reply: httpx.Response) -> None:
    assert type(await failure([reply], BEHIND)) is UpstreamUnavailable


async def test_a_page_that_is_too_large_is_asked_for_in_halves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synced_records, "LARGEST_PAGE_BYTES", 1_000)
    monkeypatch.setattr(synced_records, "SMALL_PAGE_BYTES", 300)
    large, middling, small = httpx.Response(200, content=b" " * 1_001), a_page("a", "b", "c"), a_page("d")
    nango = Nango([large, large, middling, middling, small, small])
    reading = port(nango)

    for _ in range(4):
        await reading.page(SYNC, START)

    limits = [int(asked["limit"]) for asked in asked_of(nango)]
    assert limits == [5000, 2500, 1250, 1250, 1250, 2500]


async def test_each_sync_has_a_size_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synced_records, "LARGEST_PAGE_BYTES", 1_000)
    nango = Nango([httpx.Response(200, content=b" " * 1_001), a_page("a"), a_page("a")])
    reading = port(nango)

    await reading.page(SYNC, START)
    await reading.page(replace(SYNC, id=SyncId(2)), START)

    assert asked_of(nango)[2]["limit"] == str(PAGE_SIZE)


async def test_a_record_that_is_too_large_by_itself_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synced_records, "LARGEST_PAGE_BYTES", 10)
    nango = Nango([httpx.Response(200, content=b" " * 11)] * 20)

    with pytest.raises(AnswerTooLarge):
        await port(nango).page(SYNC, START)

    assert asked_of(nango)[-1]["limit"] == "1"
    assert len(nango.requests) == 13


async def test_more_than_the_usual_answer_is_taken() -> None:
    text = "x" * (3 * 1024 * 1024)
    stamp = {"last_modified_at": "2026-11-21T06:03:47+00:00", "cursor": "a"}
    body = {"next_cursor": None, "records": [{"id": "a", "body": text, "_nango_metadata": stamp}]}

    page = await port(Nango([httpx.Response(200, json=body)])).page(SYNC, START)

    assert len(page.records) > len(text)
