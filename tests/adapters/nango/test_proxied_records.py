"""GitHub's lists as records: all of them, then what changed, while they move."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import httpx
import pytest

from adapters.nango.list_places import Place
from domain.connection import ConnectionId
from domain.errors import CursorRefused, DomainError, UpstreamMisconfigured, UpstreamUnavailable
from domain.installation import InstallationId
from domain.repository import RepositoryId
from domain.sync import Position, RecordPage, Sync, SyncId, SyncKey
from tests.adapters.nango.github_lists import BEGAN, REPOSITORY, Lists, at, commit, conversation, pull

START: Final = Position()
KINDS: Final = ("pulls", "commits", "issues")


def a_sync(kind: str) -> Sync:
    key = SyncKey(connection_id=ConnectionId("one"), model=f"proxy:{kind}", variant=str(REPOSITORY))
    return Sync(
        id=SyncId(1),
        key=key,
        installation_id=InstallationId(5001),
        repository_id=RepositoryId(REPOSITORY),
        due_at=BEGAN,
    )


async def run(
    lists: Lists, kind: str, position: Position = START, between: Callable[[], object] = lambda: None
) -> tuple[list[dict[str, Any]], RecordPage]:
    """Read to the end, as whoever pulls does, each page with a new adapter; return the records and the last page."""
    records = list[dict[str, Any]]()
    while True:
        page = await lists.port().page(a_sync(kind), position)
        records += json.loads(page.records)
        assert page.cursor is not None
        if page.is_last:
            return records, page
        position = Position(cursor=page.cursor)
        between()


def numbers_in(records: list[dict[str, Any]]) -> list[int]:
    return [record["number"] for record in records]


@pytest.mark.parametrize("with_links", [True, False])
@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 250])
async def test_every_page_is_read_once(count: int, *, with_links: bool) -> None:
    lists = Lists(with_links=with_links)
    lists.put(*(pull(number) for number in range(1, count + 1)))

    records, last = await run(lists, "pulls")

    assert numbers_in(records) == list(range(1, count + 1))
    assert (last.is_last, last.through) == (True, BEGAN)


async def test_what_changes_while_everything_is_read_is_neither_missed_nor_moved() -> None:
    lists = Lists()
    lists.put(*(conversation(number) for number in range(1, 251)))

    records, last = await run(lists, "issues", between=lambda: lists.put(conversation(7, 5, title="changed")))

    assert numbers_in(records) == list(range(1, 251))
    records, _ = await run(lists, "issues", Position(cursor=last.cursor))
    assert [record["title"] for record in records if record["number"] == 7] == ["changed"]


@pytest.mark.parametrize("kind", ["pulls", "issues"])
async def test_the_next_run_reads_what_was_updated_since_the_last_one_began(kind: str) -> None:
    lists, made = Lists(), pull if kind == "pulls" else conversation
    lists.put(*(made(number, -60) for number in range(1, 301)))
    _, last = await run(lists, kind)
    lists.now += timedelta(hours=1)
    lists.put(made(3, 20), made(400, 30), made(5, -4))
    lists.asked.clear()

    records, last = await run(lists, kind, Position(cursor=last.cursor))

    assert numbers_in(records) == [400, 3, 5]
    assert len(lists.asked) == 1
    assert (await run(lists, kind, Position(cursor=last.cursor)))[0] == []


async def test_changes_beyond_a_page_are_read_whatever_moves_to_the_front() -> None:
    lists = Lists()
    lists.put(*(pull(number, -60) for number in range(1, 301)))
    _, last = await run(lists, "pulls")
    lists.put(*(pull(number, 1) for number in range(1, 251)))

    records, _ = await run(
        lists, "pulls", Position(cursor=last.cursor), between=lambda: lists.put(pull(300, 9), pull(299, 9))
    )

    assert set(numbers_in(records)) >= set(range(1, 251))


async def test_commits_of_the_default_branch_are_read_a_day_back() -> None:
    lists = Lists(commits=[commit(number, -number) for number in range(150)])
    records, last = await run(lists, "commits")
    assert len(records) == 150
    assert {record["branch"] for record in records} == {"main"}
    lists.commits.insert(0, commit(900, -60 * 23))
    lists.now += timedelta(minutes=15)
    lists.asked.clear()

    records, _ = await run(lists, "commits", Position(cursor=last.cursor))

    assert f"{900:040x}" in {record["sha"] for record in records}
    [branch, (path, query), *_] = lists.asked
    assert branch == ("", {})
    assert path == "/commits"
    assert query == {"per_page": "100", "page": "1", "sha": "main", "since": at(-60 * 24)}


async def test_everything_is_asked_for_without_a_date_and_changes_with_one() -> None:
    lists = Lists()
    _, last = await run(lists, "issues")
    await run(lists, "issues", Position(cursor=last.cursor))
    await run(lists, "issues", Position(modified_after=BEGAN))

    usual = {"per_page": "100", "page": "1", "state": "all"}
    changed = {**usual, "sort": "updated", "direction": "desc", "since": at(-5)}
    assert [query for _, query in lists.asked] == [{**usual, "sort": "created", "direction": "asc"}, changed, changed]


async def test_an_issue_is_one_and_a_pull_request_none() -> None:
    lists = Lists()
    more: dict[str, Any] = {"milestone": {"title": "v1"}, "comments": 3, "state_reason": "completed"}
    lists.put(pull(1), conversation(2, body="Hello", closed_by={"login": "grace", "id": 2}, **more))

    [record], _ = await run(lists, "issues")

    metadata = record.pop("_nango_metadata")
    assert metadata == {
        "first_seen_at": at(0),
        "last_modified_at": at(0),
        "last_action": "ADDED",
        "deleted_at": None,
        "pruned_at": None,
    }
    assert record == {
        "id": "1000002",
        "number": 2,
        "title": "Number 2",
        "state": "open",
        "state_reason": "completed",
        "locked": False,
        "body": "Hello",
        "author_login": "ada",
        "author_id": 1815,
        "labels": ["bug"],
        "assignee_logins": ["ada"],
        "milestone_title": "v1",
        "comments_count": 3,
        "closed_by_login": "grace",
        "created_at": at(2 - 100_000),
        "updated_at": at(0),
        "html_url": "https://github.com/acme/app/issues/2",
    }


async def test_a_page_of_pull_requests_alone_leads_to_the_issues_behind_it() -> None:
    lists = Lists()
    lists.put(*(pull(number) for number in range(1, 101)), conversation(101))

    assert numbers_in((await run(lists, "issues"))[0]) == [101]


async def test_a_pull_request_has_its_branches_and_people() -> None:
    lists = Lists()
    lists.put(
        pull(1, merged_at=at(0), closed_at=at(0), state="closed", user=None, requested_reviewers=[{"login": "x"}])
    )

    [record], _ = await run(lists, "pulls")

    assert (record["head_ref"], record["head_sha"], record["base_ref"]) == ("topic", "a" * 40, "main")
    assert (record["merged_at"], record["state"], record["draft"]) == (at(0), "closed", False)
    assert record["requested_reviewers"] == [{"login": "x", "id": None}]
    assert record["labels"] == [{"name": "bug"}]
    assert "user_login" not in record


async def test_a_commit_is_named_by_its_repositorys_number_and_may_have_no_account() -> None:
    strange = commit(7, author=None, committer={})
    strange["commit"]["verification"] = {"verified": True, "reason": "valid"}

    [record], _ = await run(Lists(commits=[strange]), "commits")

    assert record["id"] == f"9001:main:{7:040x}"
    assert (record["author_name"], record["committer_date"]) == ("Ada", at(0))
    assert (record["verified"], record["verification_reason"]) == (True, "valid")
    assert not {"author_login", "committer_login"} & set(record)


async def test_githubs_own_cursor_is_followed() -> None:
    place = Place(since=None, began_at=BEGAN)
    link = '<https://api.github.com/repositories/9001/issues?after=Y3Vyc29y&page=2>; rel="next"'

    following = place.following(httpx.Headers({"Link": link}), is_full=True)

    assert following is not None
    assert following.query == {"page": "2", "after": "Y3Vyc29y"}
    assert Place.of(Position(cursor=following.cursor), BEGAN + timedelta(hours=1)) == following


@pytest.mark.parametrize(
    "cursor", ["", "zzz", "{", "[]", '{"page": 0}', '{"page": "one"}', '{"since": "soon"}', '{"more": 1}', "\ud800"]
)
async def test_a_cursor_that_is_none_is_refused(cursor: str) -> None:
    lists = Lists()

    with pytest.raises(CursorRefused):
        await lists.port().page(a_sync("pulls"), Position(cursor=cursor))

    assert lists.asked == []


async def test_a_run_that_is_given_up_in_the_middle_begins_again_where_it_began() -> None:
    lists = Lists()
    lists.put(*(pull(number, 1) for number in range(1, 201)))

    page = await lists.port().page(a_sync("pulls"), Position(modified_after=BEGAN))

    assert (page.is_last, page.through) == (False, BEGAN)
    assert (await lists.port().page(a_sync("pulls"), START)).through is None


@pytest.mark.parametrize(("kind", "status"), [("commits", 409), ("issues", 410)])
async def test_a_list_that_is_switched_off_or_empty_has_nothing(kind: str, status: int) -> None:
    lists = Lists()
    if kind == "commits":
        lists.refusals = [httpx.Response(200, json={"default_branch": "main"})]
    lists.refusals.append(httpx.Response(status, json={"message": "Git Repository is empty."}))

    records, last = await run(lists, kind)

    assert (records, last.through) == ([], BEGAN)


RATE_LIMIT: Final = httpx.Response(
    403, headers={"x-ratelimit-remaining": "0", "retry-after": "90"}, json={"message": "API rate limit exceeded"}
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("refusal", "error", "pause"),
    [
        (RATE_LIMIT, UpstreamUnavailable, timedelta(seconds=90)),
        (httpx.Response(404, json={"message": "Not Found", "documentation_url": "…"}), UpstreamUnavailable, None),
        (
            httpx.Response(403, json={"message": "Resource not accessible by integration"}),
            UpstreamMisconfigured,
            None,
        ),
        (httpx.Response(200, json={"message": "no list"}), UpstreamUnavailable, None),
    ],
    ids=["rate limit", "not found", "no permission", "no list"],
)
async def test_a_refusal_is_never_an_empty_list(
    kind: str, refusal: httpx.Response, error: type[DomainError], pause: timedelta | None
) -> None:
    lists = Lists()
    if kind == "commits":
        lists.refusals = [httpx.Response(200, json={"default_branch": "main"})]
    lists.refusals.append(refusal)

    with pytest.raises(error) as caught:
        await lists.port().page(a_sync(kind), START)

    assert isinstance(caught.value, UpstreamUnavailable)
    assert caught.value.retry_after == pause
