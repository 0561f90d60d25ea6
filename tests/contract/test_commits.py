"""What every `Commits` does."""

from dataclasses import replace
from datetime import timedelta

import pytest

from application.ports.unit_of_work import BeginWork
from domain.replica import UNDATED, Commit, CommitFilter, CommitPlace
from domain.repository import RepositoryId
from tests.contract.replica_rows import ReplicaRows
from tests.fakes.clock import NOON
from tests.replicated import ROCKET, a_commit

HOUR = timedelta(hours=1)
ALL = CommitFilter()
OTHER = RepositoryId(9002)


async def page_of(
    begin_work: BeginWork, after: CommitPlace | None = None, wanted: CommitFilter = ALL, limit: int = 100
) -> tuple[list[str], CommitPlace | None]:
    async with begin_work(atomic=False) as work:
        page = await work.commits.list(ROCKET, wanted, after, limit)
        return [commit.sha for commit, _ in page], page[-1][1] if page else None


async def test_a_commit_is_read_as_it_was_synced_with_the_branches_that_it_is_seen_on(
    begin_work: BeginWork, rows: ReplicaRows
) -> None:
    full = Commit(
        repository_id=ROCKET,
        sha="aa",
        message="Fly\n\nTo the moon.",
        author="ada",
        author_name="Ada Rivera",
        author_email="ada@example.test",
        authored_at=NOON - HOUR,
        committer="web-flow",
        committer_name="GitHub",
        committer_email="noreply@github.test",
        committed_at=NOON,
        parents=("bb", "cc"),
        is_verified=True,
        verification_reason="valid",
        url="https://github.test/acme/rocket/commit/aa",
        branches=("main", "moon"),
    )
    bare = replace(a_commit("dd", None), branches=())
    await rows.put(full)
    await rows.put(bare, branch="")

    async with begin_work(atomic=False) as work:
        assert list(await work.commits.list(ROCKET, ALL, None, 10)) == [
            (full, CommitPlace(ordered_at=NOON, sha="aa")),
            (bare, CommitPlace(ordered_at=UNDATED, sha="dd")),
        ]


async def test_they_are_listed_the_newest_first_a_page_at_a_time_and_those_without_a_date_last(
    begin_work: BeginWork, rows: ReplicaRows
) -> None:
    authored = replace(a_commit("ff", None), authored_at=NOON + HOUR)
    dated = [a_commit("a1"), a_commit("b2"), a_commit("c3"), a_commit("0d", NOON + 2 * HOUR), authored]
    await rows.put(*dated, *(a_commit(sha, None) for sha in ("e1", "e2", "e3")))

    first, place = await page_of(begin_work, limit=3)
    second, place = await page_of(begin_work, place, limit=3)
    third, place = await page_of(begin_work, place, limit=3)

    assert [first, second, third] == [["0d", "ff", "c3"], ["b2", "a1", "e3"], ["e2", "e1"]]
    assert await page_of(begin_work, place) == ([], None)


async def test_a_commit_that_is_seen_on_no_branch_any_more_is_not_there(
    begin_work: BeginWork, rows: ReplicaRows
) -> None:
    await rows.put(a_commit("aa"), a_commit("ee", repository_id=OTHER))
    await rows.put(a_commit("bb"), deleted_at=NOON)
    await rows.put(a_commit("cc"), branch="gone", deleted_at=NOON)
    await rows.put(a_commit("cc"), branch="main")
    await rows.put(replace(a_commit("dd"), branches=()))

    assert (await page_of(begin_work))[0] == ["cc", "aa"]
    assert (await page_of(begin_work, wanted=CommitFilter(branch="gone")))[0] == []
    async with begin_work(atomic=False) as work:
        assert [await work.commits.count(ROCKET, most) for most in (1, 9)] == [1, 2]


@pytest.mark.parametrize(
    ("wanted", "shas"),
    [
        (CommitFilter(author="ADA"), ["c3"]),
        (CommitFilter(author="ada rivera"), ["c3"]),
        (CommitFilter(author="Grace@Example.test"), ["b2"]),
        (CommitFilter(author="ad"), []),
        (CommitFilter(branch="main"), ["c3", "a1"]),
        (CommitFilter(branch="moon"), ["c3", "b2"]),
        (CommitFilter(branch="Moon"), []),
        (CommitFilter(since=NOON), ["c3", "b2"]),
        (CommitFilter(until=NOON), ["a1"]),
        (CommitFilter(since=NOON - HOUR, until=NOON + HOUR), ["b2", "a1"]),
        (CommitFilter(text="ROCKET"), ["b2"]),
        (CommitFilter(text="%"), ["a1"]),
        (CommitFilter(text="_"), []),
        (CommitFilter(author="ada", branch="moon", text="fly"), ["c3"]),
    ],
)
async def test_they_are_filtered(
    begin_work: BeginWork, rows: ReplicaRows, wanted: CommitFilter, shas: list[str]
) -> None:
    ada = replace(a_commit("c3", NOON + HOUR), author="Ada", author_name="Ada Rivera")
    grace = replace(a_commit("b2", message="Fly a Rocket"), author_email="grace@example.test")
    await rows.put(ada, a_commit("a1", NOON - HOUR, "100 % done"), a_commit("0e", None), branch="main")
    await rows.put(ada, grace, a_commit("0e", None), branch="moon")

    found, _ = await page_of(begin_work, wanted=wanted)

    assert [sha for sha in found if sha != "0e"] == shas
    assert ("0e" in found) == (wanted in {CommitFilter(branch="main"), CommitFilter(branch="moon")})
