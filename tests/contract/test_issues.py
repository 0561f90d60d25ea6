"""What every `Issues` does."""

from dataclasses import replace
from datetime import timedelta

import pytest

from application.ports.unit_of_work import BeginWork
from domain.replica import Issue, ItemFilter, State
from domain.repository import RepositoryId
from tests.contract.replica_rows import ReplicaRows
from tests.fakes.clock import NOON
from tests.replicated import ROCKET, an_issue

HOUR = timedelta(hours=1)
ALL = ItemFilter()
OTHER = RepositoryId(9002)


async def listed(
    begin_work: BeginWork, wanted: ItemFilter = ALL, before: int | None = None, limit: int = 100
) -> list[int]:
    async with begin_work(atomic=False) as work:
        return [issue.number for issue in await work.issues.list(ROCKET, wanted, before, limit)]


async def test_an_issue_is_read_as_it_was_synced(begin_work: BeginWork, rows: ReplicaRows) -> None:
    full = Issue(
        repository_id=ROCKET,
        number=1,
        github_id=10**12,
        state=State.CLOSED,
        title="Fly",
        body="To the moon.",
        author="ada",
        author_id=1815,
        state_reason="not_planned",
        is_locked=False,
        labels=("rocket", "big"),
        assignees=("ada",),
        milestone="moon",
        comments=3,
        closed_by="grace",
        created_at=NOON - HOUR,
        updated_at=NOON,
        closed_at=NOON,
        url="https://github.test/acme/rocket/issues/1",
    )
    bare = replace(an_issue(2), updated_at=None)
    await rows.put(full, bare)

    async with begin_work(atomic=False) as work:
        assert list(await work.issues.list(ROCKET, ALL, None, 10)) == [bare, full]


async def test_they_are_listed_by_falling_numbers_a_page_at_a_time(begin_work: BeginWork, rows: ReplicaRows) -> None:
    await rows.put(*(an_issue(number) for number in (3, 1, 12, 2, 2**31 - 1)))

    first = await listed(begin_work, limit=3)
    second = await listed(begin_work, before=first[-1], limit=3)

    assert [first, second] == [[2**31 - 1, 12, 3], [2, 1]]


async def test_what_is_deleted_or_another_repositorys_is_not_there(begin_work: BeginWork, rows: ReplicaRows) -> None:
    await rows.put(an_issue(1), an_issue(2, repository_id=OTHER))
    await rows.put(replace(an_issue(3), author="ada"), deleted_at=NOON)

    assert await listed(begin_work) == [1]
    assert await listed(begin_work, ItemFilter(author="ada")) == []
    async with begin_work(atomic=False) as work:
        assert [await work.issues.count(one, 10) for one in (ROCKET, RepositoryId(9003))] == [1, 0]


async def test_they_are_counted_as_far_as_is_asked(begin_work: BeginWork, rows: ReplicaRows) -> None:
    await rows.put(*(an_issue(number) for number in range(1, 6)))

    async with begin_work(atomic=False) as work:
        assert [await work.issues.count(ROCKET, most) for most in (3, 5, 9)] == [3, 5, 5]


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (ItemFilter(state=State.OPEN), [4, 2, 1]),
        (ItemFilter(state=State.CLOSED), [3]),
        (ItemFilter(author="ADA"), [3, 1]),
        (ItemFilter(author="ad"), []),
        (ItemFilter(author="ada", state=State.OPEN), [1]),
        (ItemFilter(label="BUG"), [3, 2]),
        (ItemFilter(label="bu"), []),
        (ItemFilter(branch="main"), []),
        (ItemFilter(since=NOON), [2, 1]),
        (ItemFilter(until=NOON), [3]),
        (ItemFilter(since=NOON - HOUR, until=NOON + HOUR), [3, 1]),
        (ItemFilter(text="ROCKET"), [2]),
        (ItemFilter(text="%"), [3]),
        (ItemFilter(text="_"), []),
        (ItemFilter(text="fly", author="grace", label="bug", state=State.OPEN), [2]),
    ],
)
async def test_they_are_filtered(
    begin_work: BeginWork, rows: ReplicaRows, wanted: ItemFilter, numbers: list[int]
) -> None:
    await rows.put(
        replace(an_issue(1), author="ada", labels=()),
        replace(
            an_issue(2, "Fly a Rocket"),
            author="Grace",
            labels=("Bug", "big"),
            updated_at=NOON + HOUR,
        ),
        replace(
            an_issue(3, "100 % done"),
            state=State.CLOSED,
            author="Ada",
            labels=("bug",),
            updated_at=NOON - HOUR,
        ),
        replace(an_issue(4), updated_at=None),
    )

    assert await listed(begin_work, wanted) == numbers


async def test_an_authors_are_listed_a_page_at_a_time(begin_work: BeginWork, rows: ReplicaRows) -> None:
    authors = {1: "ada", 2: "grace", 3: "Ada", 4: None, 5: "ada", 6: "zoe"}
    await rows.put(*(replace(an_issue(number), author=author) for number, author in authors.items()))
    await rows.put(replace(an_issue(7, repository_id=OTHER), author="ada"))

    first = await listed(begin_work, ItemFilter(author="ada"), limit=2)
    second = await listed(begin_work, ItemFilter(author="ada"), before=first[-1], limit=2)

    assert [first, second] == [[5, 3], [1]]
