"""What every `PullRequests` does."""

from dataclasses import replace
from datetime import timedelta

import pytest

from application.ports.unit_of_work import BeginWork
from domain.replica import ItemFilter, PullRequest, State
from domain.repository import RepositoryId
from tests.contract.replica_rows import ReplicaRows
from tests.fakes.clock import NOON
from tests.replicated import ROCKET, a_pull_request

HOUR = timedelta(hours=1)
ALL = ItemFilter()
OTHER = RepositoryId(9002)


async def listed(
    begin_work: BeginWork, wanted: ItemFilter = ALL, before: int | None = None, limit: int = 100
) -> list[int]:
    async with begin_work(atomic=False) as work:
        return [pull.number for pull in await work.pull_requests.list(ROCKET, wanted, before, limit)]


async def test_a_pull_request_is_read_as_it_was_synced(begin_work: BeginWork, rows: ReplicaRows) -> None:
    full = PullRequest(
        repository_id=ROCKET,
        number=1,
        github_id=10**12,
        state=State.CLOSED,
        title="Fly",
        body="To the moon.",
        author="ada",
        author_id=1815,
        is_draft=False,
        is_merged=True,
        is_locked=False,
        base_ref="main",
        base_sha="aa",
        head_ref="moon",
        head_sha="bb",
        merge_commit_sha="cc",
        labels=("rocket", "big"),
        assignees=("ada",),
        reviewers=(),
        review_decision="APPROVED",
        created_at=NOON - HOUR,
        updated_at=NOON,
        closed_at=NOON,
        merged_at=NOON,
        url="https://github.test/acme/rocket/pull/1",
    )
    bare = replace(a_pull_request(2), updated_at=None)
    await rows.put(full, bare)

    async with begin_work(atomic=False) as work:
        assert list(await work.pull_requests.list(ROCKET, ALL, None, 10)) == [bare, full]


async def test_they_are_listed_by_falling_numbers_a_page_at_a_time(begin_work: BeginWork, rows: ReplicaRows) -> None:
    await rows.put(*(a_pull_request(number) for number in (3, 1, 12, 2, 2**31 - 1)))

    first = await listed(begin_work, limit=3)
    second = await listed(begin_work, before=first[-1], limit=3)

    assert [first, second] == [[2**31 - 1, 12, 3], [2, 1]]


async def test_what_is_deleted_or_another_repositorys_is_not_there(begin_work: BeginWork, rows: ReplicaRows) -> None:
    await rows.put(a_pull_request(1), a_pull_request(2, repository_id=OTHER))
    await rows.put(replace(a_pull_request(3), author="ada"), deleted_at=NOON)

    assert await listed(begin_work) == [1]
    assert await listed(begin_work, ItemFilter(author="ada")) == []
    async with begin_work(atomic=False) as work:
        assert [await work.pull_requests.count(one, 10) for one in (ROCKET, RepositoryId(9003))] == [1, 0]


async def test_they_are_counted_as_far_as_is_asked(begin_work: BeginWork, rows: ReplicaRows) -> None:
    await rows.put(*(a_pull_request(number) for number in range(1, 6)))

    async with begin_work(atomic=False) as work:
        assert [await work.pull_requests.count(ROCKET, most) for most in (3, 5, 9)] == [3, 5, 5]


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
        (ItemFilter(branch="main"), [2, 1]),
        (ItemFilter(branch="moon"), [1]),
        (ItemFilter(branch="Moon"), []),
        (ItemFilter(since=NOON), [2, 1]),
        (ItemFilter(until=NOON), [3]),
        (ItemFilter(since=NOON - HOUR, until=NOON + HOUR), [3, 1]),
        (ItemFilter(text="ROCKET"), [2]),
        (ItemFilter(text="%"), [3]),
        (ItemFilter(text="_"), []),
        (ItemFilter(text="fly", author="grace", label="bug", state=State.OPEN, branch="main"), [2]),
    ],
)
async def test_they_are_filtered(
    begin_work: BeginWork, rows: ReplicaRows, wanted: ItemFilter, numbers: list[int]
) -> None:
    await rows.put(
        replace(a_pull_request(1), author="ada", base_ref="main", head_ref="moon", labels=()),
        replace(
            a_pull_request(2, "Fly a Rocket"),
            author="Grace",
            base_ref="main",
            labels=("Bug", "big"),
            updated_at=NOON + HOUR,
        ),
        replace(
            a_pull_request(3, "100 % done"),
            state=State.CLOSED,
            author="Ada",
            labels=("bug",),
            updated_at=NOON - HOUR,
        ),
        replace(a_pull_request(4), updated_at=None),
    )

    assert await listed(begin_work, wanted) == numbers


async def test_an_authors_are_listed_a_page_at_a_time(begin_work: BeginWork, rows: ReplicaRows) -> None:
    authors = {1: "ada", 2: "grace", 3: "Ada", 4: None, 5: "ada", 6: "zoe"}
    await rows.put(*(replace(a_pull_request(number), author=author) for number, author in authors.items()))
    await rows.put(replace(a_pull_request(7, repository_id=OTHER), author="ada"))

    first = await listed(begin_work, ItemFilter(author="ada"), limit=2)
    second = await listed(begin_work, ItemFilter(author="ada"), before=first[-1], limit=2)

    assert [first, second] == [[5, 3], [1]]
