"""What Nango keeps of what syncs read, and in which order it gives it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from entrypoints.sandbox.nango.records.moments import moment_text, place_in
from entrypoints.sandbox.nango.records.names import namer
from entrypoints.sandbox.nango.records.page import Selection, page_of
from entrypoints.sandbox.nango.records.record import Made
from entrypoints.sandbox.nango.records.table import Saved, Table
from tests.sandbox.record_scenes import batch

START = datetime(2026, 1, 1, 12, 0, 0, 250_000, tzinfo=UTC)
LATER = START + timedelta(seconds=1)


@pytest.fixture
def table() -> Table:
    return Table(namer(7, "Thing"))


def listed(table: Table, **wanted: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - a selection's fields
    return json.loads(page_of(table, Selection(**wanted)))["records"]


def ids(records: list[dict[str, Any]]) -> list[str]:
    return [record["id"] for record in records]


def of(record: dict[str, Any], name: str) -> Any:  # noqa: ANN401 - any JSON
    return record["_nango_metadata"][name]


def things(*names: str, **more: object) -> Any:  # noqa: ANN401 - a batch
    return batch(*({"id": name, **more} for name in names))


def test_a_new_record_is_added(table: Table) -> None:
    assert table.save(things("a", "b"), START) == Saved(added=2)

    [record, _] = listed(table)
    assert of(record, "last_action") == "ADDED"
    assert of(record, "first_seen_at") == of(record, "last_modified_at") == "2026-01-01T12:00:00.25+00:00"


def test_a_changed_record_moves_to_the_end_and_an_unchanged_one_stays(table: Table) -> None:
    table.save(things("a", "b", "c"), START)
    last = listed(table)[-1]["id"]
    others = [one for one in "abc" if one != last]

    assert table.save(things(*others, last), LATER) == Saved()
    assert table.save(things(others[0], name="new"), LATER) == Saved(updated=1)

    records = listed(table)
    assert ids(records) == [others[1], last, others[0]]
    assert [of(record, "last_action") for record in records] == ["ADDED", "ADDED", "UPDATED"]
    assert of(records[-1], "first_seen_at") == "2026-01-01T12:00:00.25+00:00"


def test_the_first_of_two_with_the_same_id_counts(table: Table) -> None:
    saved = table.save([*things("a", name="first"), *things("a", name="second")], START)

    assert (saved, listed(table)[0]["name"]) == (Saved(added=1), "first")


def test_a_deleted_record_stays_with_what_it_was_deleted_with(table: Table) -> None:
    table.save(things("a", "b", name="kept"), START)

    assert table.delete([*things("a"), ("b", None), ("unknown", None)], LATER) == Saved(deleted=2)

    by_id = {record["id"]: record for record in listed(table)}
    assert "name" not in by_id["a"]
    assert by_id["b"]["name"] == "kept"
    assert [of(by_id["a"], name) for name in ("last_action", "deleted_at")] == [
        "DELETED",
        "2026-01-01T12:00:01.250+00:00",
    ]


def test_what_comes_back_counts_as_added_and_is_listed_as_updated(table: Table) -> None:
    table.save(things("a"), START)
    table.delete([("a", None)], LATER)

    assert table.save(things("a"), LATER) == Saved(added=1)
    assert of(listed(table)[0], "last_action") == "UPDATED"
    assert of(listed(table)[0], "deleted_at") is None


def test_what_a_whole_run_did_not_see_is_deleted_with_its_payload(table: Table) -> None:
    table.save(things("a", "b", name="kept"), START)

    assert table.delete_others({"a"}, LATER) == Saved(deleted=1)
    assert table.delete_others({"a"}, LATER) == Saved()
    [last] = listed(table, actions=frozenset({"DELETED"}))
    assert (last["id"], last["name"]) == ("b", "kept")


def test_a_pruned_record_keeps_its_place_and_loses_its_payload(table: Table) -> None:
    table.save(things("a", name="long"), START)
    before = listed(table)[0]["_nango_metadata"]

    assert table.prune(["a", "unknown"], LATER) == 1

    record = listed(table)[0]
    assert record.pop("_nango_metadata") == {**before, "pruned_at": "2026-01-01T12:00:01.25+00:00"}
    assert record == {"id": "a"}


def test_a_pruned_record_is_written_anew_though_it_is_as_it_was(table: Table) -> None:
    table.save(things("a"), START)
    table.prune(None, START)

    assert table.save(things("a"), LATER) == Saved(updated=1)
    assert of(listed(table)[0], "pruned_at") is None


def test_no_two_batches_share_a_moment_though_the_clock_stands_still(table: Table) -> None:
    for name in "abc":
        table.save(things(name), START)

    assert ids(listed(table)) == ["a", "b", "c"]
    assert [of(record, "last_modified_at")[19:] for record in listed(table)] == [
        ".25+00:00",
        ".250001+00:00",
        ".250002+00:00",
    ]


def test_pages_follow_each_other_by_the_cursor(table: Table) -> None:
    table.save(things(*(str(number) for number in range(25))), START)
    seen: list[str] = []
    cursor = None
    while True:
        page = json.loads(page_of(table, Selection(limit=10, after=place_in(cursor) if cursor else None)))
        seen += ids(page["records"])
        cursor = page["next_cursor"]
        if cursor is None:
            break
        assert cursor == of(page["records"][-1], "cursor")

    assert len(seen) == len({*seen}) == 25


def test_a_full_last_page_has_nothing_behind_it(table: Table) -> None:
    table.save(things("a", "b"), START)

    assert json.loads(page_of(table, Selection(limit=2)))["next_cursor"] is None


def test_a_page_may_end_early_by_its_bytes_but_has_one_record(table: Table) -> None:
    table.save(things(*"abc"), START)

    page = json.loads(page_of(table, Selection(most_bytes=1)))

    assert len(page["records"]) == 1
    assert page["next_cursor"] == of(page["records"][0], "cursor")


def test_modified_after_includes_its_moment(table: Table) -> None:
    table.save(things("a"), START)
    place = place_in(of(listed(table)[0], "cursor"))
    assert place is not None

    assert ids(listed(table, modified_after=place[0])) == ["a"]
    assert ids(listed(table, modified_after=place[0] + 1)) == []


def test_some_are_chosen_by_their_ids_in_the_usual_order(table: Table) -> None:
    for name in "abcd":
        table.save(things(name), START)

    assert ids(listed(table, ids=("d", "b", "none", "b"))) == ["b", "d"]


def test_a_payload_can_be_written_when_it_is_asked_for(table: Table) -> None:
    def write(number: int) -> bytes:
        return b'{"id":"%d","name":"made"}' % number

    table.save([(str(number), Made(write, number)) for number in range(3)], START)

    assert table.save([("1", Made(write, 1)), ("2", b'{"id":"2","name":"made"}')], LATER) == Saved()
    assert {record["name"] for record in listed(table)} == {"made"}


@pytest.mark.parametrize(("micro", "text"), [(0, "00:00:05"), (549_570, "00:00:05.54957"), (1, "00:00:05.000001")])
def test_a_moment_has_no_zeros_at_its_end(micro: int, text: str) -> None:
    assert moment_text(5_000_000 + micro) == f"1970-01-01T{text}+00:00"


@pytest.mark.parametrize("cursor", ["", "zzz", "fHw=", "MjAyNi0xMS0yMVQwNjowMzo0NyswMDowMHx8bm8=", "é"])
def test_what_is_no_cursor_is_none(cursor: str) -> None:
    assert place_in(cursor) is None
