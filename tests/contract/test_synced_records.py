"""What every `SyncedRecords` does: the fake, and the adapter on the sandbox."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.connection import ConnectionId
from domain.errors import ConnectionNotFound, CursorRefused
from domain.sync import Position, RecordPage, SyncKey
from tests.contract.recording import (
    PAGE_SIZE,
    PULLS,
    Recording,
    a_sync,
    fake_recording,
    sandbox_recording,
    things,
)

START = Position()


@pytest.fixture(params=["fake", "sandbox"])
def recording(request: pytest.FixtureRequest) -> Recording:
    return fake_recording() if request.param == "fake" else sandbox_recording()


async def pages(recording: Recording, position: Position = START, key: SyncKey = PULLS) -> list[RecordPage]:
    """Read on, page by page, as whoever pulls them."""
    read = [await recording.port.page(a_sync(key), position)]
    while not read[-1].is_last:
        read.append(await recording.port.page(a_sync(key), Position(cursor=read[-1].cursor)))
    return read


def records_of(*read: RecordPage) -> list[dict[str, Any]]:
    return [record for page in read for record in json.loads(page.records)]


def ids_of(*read: RecordPage) -> list[str]:
    return [record["id"] for record in records_of(*read)]


def told_of(record: dict[str, Any], name: str) -> Any:  # noqa: ANN401 - any JSON
    return record["_nango_metadata"][name]


async def test_the_pages_lead_through_every_record_once(recording: Recording) -> None:
    recording.put(*things(*"abcdefgh"))

    read = await pages(recording)

    assert [page.count for page in read] == [PAGE_SIZE, PAGE_SIZE, 2]
    assert sorted(ids_of(*read)) == [*"abcdefgh"]
    assert len({page.cursor for page in read}) == len(read)


async def test_where_nothing_is_a_page_is_empty_and_the_last(recording: Recording) -> None:
    page = await recording.port.page(a_sync(), START)

    assert page == RecordPage(records=b"[]", count=0, cursor=None, through=None, is_last=True)


async def test_a_page_stands_where_its_last_record_does(recording: Recording) -> None:
    recording.put(*things("a", title="A"))

    page = await recording.port.page(a_sync(), START)

    [record] = records_of(page)
    assert (record["id"], record["title"]) == ("a", "A")
    assert page.cursor == told_of(record, "cursor")
    assert page.through is not None
    assert page.through.replace(microsecond=0).isoformat()[:19] == told_of(record, "last_modified_at")[:19]


async def test_behind_the_last_cursor_is_only_what_changed_since(recording: Recording) -> None:
    recording.put(*things(*"abcd"))
    *_, last = await pages(recording)
    await recording.wait()

    recording.put(*things(*"abcd"))
    recording.put(*things("b", title="new"), *things("e"))
    since = await pages(recording, Position(cursor=last.cursor))

    actions = {record["id"]: told_of(record, "last_action") for record in records_of(*since)}
    assert actions == {"b": "UPDATED", "e": "ADDED"}
    assert (await pages(recording, Position(cursor=since[-1].cursor)))[0].count == 0


async def test_a_record_that_changes_meanwhile_comes_again(recording: Recording) -> None:
    recording.put(*things(*"abcd"))
    first = await recording.port.page(a_sync(), START)
    seen = ids_of(first)[0]
    await recording.wait()

    recording.put(*things(seen, title="new"))

    rest = await pages(recording, Position(cursor=first.cursor))
    assert seen in ids_of(*rest)
    assert {*ids_of(first), *ids_of(*rest)} == {*"abcd"}


async def test_what_was_deleted_is_listed_as_that(recording: Recording) -> None:
    recording.put(*things("a", "b"))
    [before] = await pages(recording)
    await recording.wait()

    recording.delete("a")

    [record] = records_of(*await pages(recording, Position(cursor=before.cursor)))
    assert record["id"] == "a"
    assert told_of(record, "last_action") == "DELETED"
    assert told_of(record, "deleted_at") is not None


async def test_what_was_pruned_stays_where_it_was_without_what_it_said(recording: Recording) -> None:
    recording.put(*things("a", title="A"))
    [before] = await pages(recording)
    await recording.wait()

    recording.prune("a")

    [after] = await pages(recording)
    [record] = records_of(after)
    assert record.keys() == {"id", "_nango_metadata"}
    assert told_of(record, "pruned_at") is not None
    assert (after.cursor, after.through) == (before.cursor, before.through)


async def test_from_a_moment_on_it_begins_with_what_changed_in_it(recording: Recording) -> None:
    recording.put(*things("old"))
    await recording.wait()
    recording.put(*things("new"))
    [everything] = await pages(recording)
    assert everything.through is not None

    [since] = await pages(recording, Position(modified_after=everything.through))
    [later] = await pages(recording, Position(modified_after=everything.through + timedelta(seconds=1)))

    assert (ids_of(since), later.count) == (["new"], 0)


async def test_from_longer_ago_than_can_be_asked_for_it_is_everything(recording: Recording) -> None:
    recording.put(*things("a"))
    [page] = await pages(recording)
    assert page.through is not None

    [since] = await pages(recording, Position(modified_after=page.through - timedelta(days=3650)))

    assert since == page


async def test_a_page_that_ends_early_is_not_the_last(recording: Recording) -> None:
    recording.put(*things(*"abcde"))
    recording.bound(1)

    read = await pages(recording)

    assert [page.count for page in read] == [1] * 5
    assert sorted(ids_of(*read)) == [*"abcde"]


async def test_models_and_variants_are_read_apart(recording: Recording) -> None:
    variant, commits = replace(PULLS, variant="main"), replace(PULLS, model="GithubCommit")
    for name, key in {"a": PULLS, "b": variant, "c": commits}.items():
        recording.put(*things(name), key=key)

    assert [ids_of(*await pages(recording, key=key)) for key in (PULLS, variant, commits)] == [["a"], ["b"], ["c"]]


async def test_a_cursor_that_is_none_is_refused(recording: Recording) -> None:
    recording.put(*things("a"))

    with pytest.raises(CursorRefused):
        await recording.port.page(a_sync(), Position(cursor="zzz"))


async def test_records_of_a_connection_that_is_gone_are_not_found(recording: Recording) -> None:
    for position in (START, Position(cursor="zzz")):
        with pytest.raises(ConnectionNotFound):
            await recording.port.page(a_sync(replace(PULLS, connection_id=ConnectionId("nobodys"))), position)
