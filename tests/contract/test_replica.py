"""What every `Replica` does."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import pytest

from application.ports.unit_of_work import BeginWork, UnitOfWork
from domain.connection import ConnectionId
from domain.errors import LeaseLost
from domain.replica import Commit, CommitFilter, Issue, ItemFilter, PullRequest, State
from domain.repository import RepositoryId
from domain.sync import Fuse, ReplicaKind, Run, Sync, SyncKey, SyncSource
from tests.contract.connecting import ACME, GLOBEX, HOUR, a_repository, an_installation
from tests.fakes.clock import NOON
from tests.records import Record, a_commit_record, a_page, a_pull_request_record, a_record, changed

ROCKET: Final = RepositoryId(9001)
LATER: Final = NOON + HOUR
LATEST: Final = LATER + HOUR
SHA: Final = "6dcb09b5b57875f334f61aebed695e2e4193db5e"
OTHER_SHA: Final = "e5bd3914e2e596debea16f433f57875b5b90bcd6"
ALL: Final = 1000


@dataclass(slots=True)
class Replicated:
    """A sync whose pages are merged, one run after the other; each at the moment that `now` is."""

    begin_work: BeginWork
    sync: Sync
    now: datetime = NOON

    async def merge(self, *records: Record) -> None:
        async with self.begin_work() as work:
            await work.replica.merge(self.sync, a_page(*records), self.now)

    async def end_run(self, fuse: Fuse = Fuse(), *, may_delete: bool = False) -> int | None:  # noqa: B008 - frozen
        self.sync = replace(self.sync, run=replace(self.sync.the_run, may_delete=may_delete))
        async with self.begin_work() as work:
            return await work.replica.end_run(self.sync, fuse, self.now)

    def begin_again(self, *, fully: bool = False) -> None:
        self.now += timedelta(seconds=1)
        self.sync = replace(self.sync, run=Run(began_at=self.now, is_full=fully), pulled_at=NOON)

    async def pull_requests(self, repository_id: RepositoryId = ROCKET) -> list[PullRequest]:
        async with self.begin_work() as work:
            return list(await work.pull_requests.list(repository_id, ItemFilter(), None, ALL))

    async def issues(self) -> list[Issue]:
        async with self.begin_work() as work:
            return list(await work.issues.list(ROCKET, ItemFilter(), None, ALL))

    async def commits(self) -> list[Commit]:
        async with self.begin_work() as work:
            return [commit for commit, _ in await work.commits.list(ROCKET, CommitFilter(), None, ALL)]

    async def numbers(self) -> list[int]:
        return sorted(one.number for one in await self.pull_requests())


Start = Callable[[str], Awaitable[Replicated]]


@pytest.fixture
async def start(begin_work: BeginWork) -> Start:
    async with begin_work() as work:
        for number in (ACME, GLOBEX):
            await work.installations.remember(an_installation(number))
        await work.repositories.save(ACME, a_repository(ROCKET, "rocket"), NOON)

    async def begin(model: str) -> Replicated:
        key = SyncKey(connection_id=ConnectionId("acme-connection"), model=model)
        async with begin_work() as work:
            return Replicated(begin_work, await a_claimed(work, key))

    return begin


async def a_claimed(work: UnitOfWork, key: SyncKey) -> Sync:
    await work.syncs.make(key, ACME, NOON, None)
    claimed = await work.syncs.claim(NOON, LATER)
    assert claimed is not None
    return claimed


@pytest.fixture
async def pulls(start: Start) -> Replicated:
    return await start("PullRequest")


async def test_a_pull_request_has_all_that_its_record_says(pulls: Replicated) -> None:
    await pulls.merge(a_record("PullRequest"))

    assert await pulls.pull_requests() == [
        PullRequest(
            repository_id=ROCKET,
            number=42,
            github_id=2417830955,
            state=State.CLOSED,
            title="Fly to the moon",
            body="One small step.",
            author="ada",
            author_id=1815,
            is_draft=False,
            is_merged=True,
            is_locked=False,
            base_ref="main",
            base_sha="c5b97d5ae6c19d5c5df71a34c7fbeeda2479ccbc",
            head_ref="moon",
            head_sha="6dcb09b5b57875f334f61aebed695e2e4193db5e",
            merge_commit_sha="e5bd3914e2e596debea16f433f57875b5b90bcd6",
            labels=("space",),
            assignees=("grace",),
            reviewers=("grace", "linus"),
            created_at=moment("2026-10-01T08:00:00Z"),
            updated_at=moment("2026-10-03T09:30:00Z"),
            closed_at=moment("2026-10-03T09:30:00Z"),
            merged_at=moment("2026-10-03T09:30:00Z"),
            url="https://github.com/acme/rocket/pull/42",
        )
    ]


async def test_what_the_older_model_of_pull_requests_does_not_say_stays_unknown(start: Start) -> None:
    older = await start("GithubPullRequest")
    await older.merge(a_record("GithubPullRequest"))

    assert await older.pull_requests() == [
        PullRequest(
            repository_id=ROCKET,
            number=42,
            state=State.CLOSED,
            title="Fly to the moon",
            author="ada",
            is_draft=False,
            is_merged=True,
            labels=("space",),
            assignees=("grace",),
            reviewers=("grace",),
            review_decision="APPROVED",
            url="https://github.com/acme/rocket/pull/42",
        )
    ]


@pytest.mark.parametrize(
    ("model", "changes", "is_merged"),
    [
        ("PullRequest", {"state": "open", "closed_at": ..., "merged_at": ...}, False),
        ("PullRequest", {"merged_at": ...}, False),
        ("PullRequest", {"merged_at": ..., "closed_at": ...}, None),
        ("GithubPullRequest", {"state": "OPEN"}, False),
        ("GithubPullRequest", {"state": "CLOSED"}, False),
    ],
)
async def test_whether_one_is_merged_is_told_only_by_what_says_so(
    start: Start, model: str, changes: dict[str, object], *, is_merged: bool | None
) -> None:
    synced = await start(model)
    await synced.merge(changed(a_record(model), changes))

    assert [one.is_merged for one in await synced.pull_requests()] == [is_merged]


async def test_an_issue_has_all_that_its_record_says(start: Start) -> None:
    synced = await start("Issue")
    await synced.merge(a_record("Issue"))

    assert await synced.issues() == [
        Issue(
            repository_id=ROCKET,
            number=43,
            github_id=1296269,
            state=State.CLOSED,
            state_reason="completed",
            title="It leaks",
            body="Drop by drop.",
            author="ada",
            author_id=1815,
            is_locked=True,
            labels=("bug", "tank"),
            assignees=("grace",),
            milestone="Moon",
            comments=7,
            created_at=moment("2026-10-01T08:00:00Z"),
            updated_at=moment("2026-10-03T09:30:00Z"),
            closed_at=moment("2026-10-03T09:30:00Z"),
            url="https://github.com/acme/rocket/issues/43",
        )
    ]


async def test_what_the_older_model_of_issues_does_not_say_stays_unknown(start: Start) -> None:
    older = await start("GithubIssue")
    await older.merge(a_record("GithubIssue"))

    assert await older.issues() == [
        Issue(
            repository_id=ROCKET,
            number=43,
            github_id=1296269,
            state=State.OPEN,
            title="It leaks",
            body="Drop by drop.",
            author="ada",
            author_id=1815,
            created_at=moment("2026-10-01T08:00:00Z"),
            updated_at=moment("2026-10-03T09:30:00Z"),
        )
    ]


@pytest.mark.parametrize(
    "changes", [{"pull_request": {"url": "…"}}, {"html_url": "https://github.com/acme/rocket/pull/43"}]
)
async def test_a_pull_request_is_not_among_the_issues(start: Start, changes: dict[str, object]) -> None:
    synced = await start("Issue")
    await synced.merge(changed(a_record("Issue"), changes))

    assert await synced.issues() == []


async def test_a_commit_has_all_that_its_record_says_and_the_branch_it_was_seen_on(start: Start) -> None:
    synced = await start("Commit")
    await synced.merge(a_record("Commit"))

    assert await synced.commits() == [
        Commit(
            repository_id=ROCKET,
            sha=SHA,
            message="Tighten the tank\n\nIt leaked.",
            author="ada",
            author_name="Ada Rivera",
            author_email="ada@example.test",
            authored_at=moment("2026-10-01T08:00:00Z"),
            committer="web-flow",
            committer_name="GitHub",
            committer_email="noreply@github.com",
            committed_at=moment("2026-10-02T08:00:00Z"),
            parents=("c5b97d5ae6c19d5c5df71a34c7fbeeda2479ccbc", OTHER_SHA),
            url=f"https://github.com/acme/rocket/commit/{SHA}",
            branches=("release/1.x",),
        )
    ]


async def test_what_the_older_model_of_commits_does_not_say_stays_unknown(start: Start) -> None:
    older = await start("GithubCommit")
    await older.merge(a_record("GithubCommit"))

    assert await older.commits() == [
        Commit(
            repository_id=ROCKET,
            sha=SHA,
            message="Tighten the tank",
            author="ada",
            authored_at=moment("2026-10-01T08:00:00Z"),
            url=f"https://github.com/acme/rocket/commit/{SHA}",
        )
    ]


async def test_a_commit_on_two_branches_is_one_and_goes_with_the_last_of_them(start: Start) -> None:
    synced = await start("Commit")
    await synced.merge(a_commit_record(SHA, "main"), a_commit_record(SHA, "next"))
    assert [set(one.branches) for one in await synced.commits()] == [{"main", "next"}]

    await synced.merge(a_commit_record(SHA, "main", LATER, "DELETED"))
    await synced.end_run()
    assert [one.branches for one in await synced.commits()] == [("next",)]

    synced.begin_again()
    await synced.merge(a_commit_record(SHA, "next", LATER, "DELETED"))
    await synced.end_run()
    assert await synced.commits() == []

    synced.begin_again()
    await synced.merge(a_commit_record(SHA, "next", LATEST))
    assert [one.branches for one in await synced.commits()] == [("next",)]


async def test_a_page_that_is_read_again_changes_nothing(pulls: Replicated) -> None:
    page = [a_pull_request_record(1), a_pull_request_record(2, title="Other")]
    await pulls.merge(*page)
    before = await pulls.pull_requests()

    await pulls.merge(*page)

    assert await pulls.pull_requests() == before


async def test_what_is_newer_overwrites_also_with_nothing_and_what_is_older_does_not(pulls: Replicated) -> None:
    await pulls.merge(a_pull_request_record(1, NOON, title="First"))
    await pulls.merge(a_pull_request_record(1, LATER, "UPDATED", title="Second", merged_at=..., labels=...))
    await pulls.merge(a_pull_request_record(1, NOON, title="First"))

    (one,) = await pulls.pull_requests()
    assert (one.title, one.merged_at, one.labels) == ("Second", None, None)


async def test_the_newest_counts_within_a_page(pulls: Replicated) -> None:
    await pulls.merge(
        a_pull_request_record(1, NOON + timedelta(microseconds=1), title="Second"),
        a_pull_request_record(1, NOON, title="First"),
    )

    assert [one.title for one in await pulls.pull_requests()] == ["Second"]


async def test_a_deleted_one_is_gone_at_the_end_of_the_run_even_if_nothing_but_its_id_is_told(
    pulls: Replicated,
) -> None:
    await pulls.merge(a_pull_request_record(1), a_pull_request_record(2))
    await pulls.merge({"id": "1", "_nango_metadata": a_pull_request_record(1, LATER, "DELETED")["_nango_metadata"]})
    assert await pulls.numbers() == [1, 2]

    assert await pulls.end_run() is None

    assert await pulls.numbers() == [2]


async def test_one_that_came_back_after_its_deletion_stays(pulls: Replicated) -> None:
    await pulls.merge(a_pull_request_record(1))
    await pulls.merge(a_pull_request_record(1, LATER, "DELETED"), a_pull_request_record(1, LATEST, title="Back"))
    await pulls.end_run()

    assert [one.title for one in await pulls.pull_requests()] == ["Back"]


async def test_a_deletion_read_late_does_not_take_what_came_after_it(pulls: Replicated) -> None:
    await pulls.merge(a_pull_request_record(1, LATEST))
    await pulls.merge(a_pull_request_record(1, LATER, "DELETED"))
    await pulls.end_run()

    assert await pulls.numbers() == [1]


async def test_a_late_record_does_not_bring_back_what_was_deleted_after_it(pulls: Replicated) -> None:
    await pulls.merge(a_pull_request_record(1), a_pull_request_record(1, LATEST, "DELETED"))
    await pulls.end_run()
    pulls.begin_again()
    await pulls.merge(a_pull_request_record(1, LATER))
    await pulls.end_run()

    assert await pulls.numbers() == []


async def test_of_a_pruned_record_the_last_known_data_stays(pulls: Replicated) -> None:
    await pulls.merge(a_pull_request_record(1, title="Known"))
    pruned = a_record("PullRequest", NOON, pruned_at=LATER, id="1")
    await pulls.merge({"id": "1", "_nango_metadata": pruned["_nango_metadata"]})
    await pulls.end_run()

    assert [one.title for one in await pulls.pull_requests()] == ["Known"]


async def test_fields_that_nobody_knows_and_fields_that_are_missing_do_not_matter(pulls: Replicated) -> None:
    bare: dict[str, object] = {
        name: ... for name in a_record("PullRequest") if name not in {"id", "number", "title", "state", "html_url"}
    }
    bare.pop("_nango_metadata")
    await pulls.merge(
        changed(a_record("PullRequest"), bare | {"is_quantum": True, "shape": {"of": ["things", 1, None]}})
    )

    assert await pulls.pull_requests() == [
        PullRequest(
            repository_id=ROCKET,
            number=42,
            github_id=2417830955,
            state=State.CLOSED,
            title="Fly to the moon",
            url="https://github.com/acme/rocket/pull/42",
        )
    ]


@pytest.mark.parametrize(
    "broken",
    [
        {"number": "many"},
        {"number": 10**12},
        {"number": 0},
        {"title": ...},
        {"state": ...},
        {"number": ..., "html_url": ..., "repository_name": "rocket"},
        {"state": "sideways"},
        {"updated_at": "the day before"},
        {"head_sha": ["not a text"], "number": -1},
    ],
)
async def test_a_record_that_cannot_be_read_does_not_keep_the_others_of_its_page_out(
    pulls: Replicated, broken: dict[str, object]
) -> None:
    await pulls.merge(
        *(a_pull_request_record(number) for number in range(1, 6)),
        changed(a_pull_request_record(6), broken),
        *(a_pull_request_record(number) for number in range(7, 10)),
    )
    await pulls.end_run()
    assert await pulls.numbers() == [1, 2, 3, 4, 5, 7, 8, 9]

    await pulls.merge(a_pull_request_record(6, LATER))
    assert 6 in await pulls.numbers()


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00Z"])
async def test_a_time_that_nobody_can_show_is_not_known_and_keeps_no_page_from_being_shown(
    start: Start, at: str
) -> None:
    times = ("created_at", "updated_at", "closed_at", "merged_at")
    pulls, issues, commits = [await start(model) for model in ("PullRequest", "Issue", "Commit")]

    await pulls.merge(a_pull_request_record(1, **dict.fromkeys(times, at)))
    await issues.merge(a_record("Issue", **dict.fromkeys(times[:3], at)))
    await commits.merge(a_record("Commit", author_date=at, committer_date=at))

    [pull], [issue], [commit] = await pulls.pull_requests(), await issues.issues(), await commits.commits()
    assert {pull.created_at, pull.updated_at, pull.closed_at, pull.merged_at, issue.created_at} == {None}
    assert {issue.updated_at, issue.closed_at, commit.authored_at, commit.committed_at} == {None}


async def test_what_is_no_name_is_not_among_names(pulls: Replicated) -> None:
    await pulls.merge(a_pull_request_record(1, labels=["space", None], assignees=[{"login": None}, {"login": "ada"}]))

    [pull] = await pulls.pull_requests()
    assert (pull.labels, pull.assignees) == (("space",), ("ada",))


async def test_characters_that_cannot_be_stored_are_replaced(pulls: Replicated) -> None:
    await pulls.merge(a_pull_request_record(1, title="a\0b", body="c\0d \U0001f680 e\\u0000f"))

    (one,) = await pulls.pull_requests()
    assert (one.title, one.body) == ("a\ufffdb", "c\ufffdd \U0001f680 e\\u0000f")


async def test_records_of_a_repository_that_is_not_known_appear_when_it_is(
    pulls: Replicated, begin_work: BeginWork
) -> None:
    lander = RepositoryId(9002)
    await pulls.merge(a_pull_request_record(1, html_url="https://github.com/Acme/Lander/pull/1"))
    await pulls.end_run()
    assert await pulls.pull_requests(lander) == []
    async with begin_work() as work:
        assert await work.replica.count_aside() == {pulls.sync.id: 1}

    async with begin_work() as work:
        await work.repositories.save(ACME, a_repository(lander, "lander"), NOON)
    pulls.begin_again()
    await pulls.end_run()

    assert [one.number for one in await pulls.pull_requests(lander)] == [1]
    async with begin_work() as work:
        assert await work.replica.count_aside() == {}


async def test_records_go_to_no_repository_of_another_installation(pulls: Replicated, begin_work: BeginWork) -> None:
    theirs = RepositoryId(9003)
    async with begin_work() as work:
        await work.repositories.save(GLOBEX, a_repository(theirs, "secret", "globex"), NOON)

    await pulls.merge(a_pull_request_record(1, html_url="https://github.com/globex/secret/pull/1"))
    await pulls.end_run()

    assert await pulls.pull_requests(theirs) == []


async def test_a_renamed_repository_keeps_its_history_under_either_name(
    pulls: Replicated, begin_work: BeginWork
) -> None:
    await pulls.merge(a_pull_request_record(1))
    async with begin_work() as work:
        await work.repositories.save(ACME, a_repository(ROCKET, "shuttle", "acme-inc"), LATER)

    await pulls.merge(
        a_pull_request_record(2),
        a_pull_request_record(3, html_url="https://github.com/acme-inc/shuttle/pull/3"),
        a_pull_request_record(1, LATER, "UPDATED", title="Changed"),
    )

    assert [(one.number, one.title) for one in await pulls.pull_requests()] == [
        (3, "Fly to the moon"),
        (2, "Fly to the moon"),
        (1, "Changed"),
    ]


async def test_the_page_a_record_links_to_says_more_than_the_name_it_was_asked_for(
    pulls: Replicated, begin_work: BeginWork
) -> None:
    async with begin_work() as work:
        await work.repositories.save(ACME, a_repository(ROCKET, "shuttle"), LATER)

    await pulls.merge(
        a_pull_request_record(1, repository_name="nobody-knows", html_url="https://github.com/acme/shuttle/pull/1"),
        a_pull_request_record(2, repository_name="shuttle", html_url=...),
    )

    assert await pulls.numbers() == [1, 2]


async def test_of_two_with_one_name_it_is_whose_was_read_last(pulls: Replicated, begin_work: BeginWork) -> None:
    """The first was renamed or deleted, and nobody has read that yet."""
    second = RepositoryId(8000)
    async with begin_work() as work:
        await work.repositories.save(ACME, a_repository(second, "rocket"), LATER)

    await pulls.merge(a_pull_request_record(1, LATEST))

    assert await pulls.pull_requests() == []
    assert [one.number for one in await pulls.pull_requests(second)] == [1]


async def test_what_is_newer_than_a_rename_is_of_whoever_took_the_name(
    pulls: Replicated, begin_work: BeginWork
) -> None:
    """Nobody may see that yet, and who may see the renamed one has no part in it."""
    second = RepositoryId(9002)
    async with begin_work() as work:
        await work.repositories.save(ACME, a_repository(ROCKET, "shuttle"), LATER)
    await pulls.merge(a_pull_request_record(1, LATEST, title="Secret"))
    await pulls.end_run()
    assert await pulls.pull_requests() == []

    async with begin_work() as work:
        await work.repositories.save(ACME, a_repository(second, "rocket"), LATEST)
    pulls.begin_again()
    await pulls.end_run()
    assert [one.title for one in await pulls.pull_requests(second)] == ["Secret"]


async def test_what_is_read_of_one_repository_is_of_that_one_whatever_its_name(
    start: Start, begin_work: BeginWork
) -> None:
    await start("PullRequest")
    second = RepositoryId(9002)
    async with begin_work() as work:
        await work.repositories.save(ACME, a_repository(second, "launcher"), NOON)
        key = SyncKey(connection_id=ConnectionId("acme-connection"), model="proxy:pulls", variant=str(second))
        proxied = Replicated(begin_work, await a_claimed(work, key))

    await proxied.merge(a_pull_request_record(1))

    assert await proxied.pull_requests() == []
    assert [one.number for one in await proxied.pull_requests(second)] == [1]


async def test_a_row_of_two_syncs_stays_as_long_as_one_of_them_has_it(pulls: Replicated, begin_work: BeginWork) -> None:
    async with begin_work() as work:
        other = Replicated(begin_work, await a_claimed(work, replace(pulls.sync.key, variant="other")))
    await pulls.merge(a_pull_request_record(1))
    await other.merge(a_pull_request_record(1, LATER))
    await other.merge(a_pull_request_record(1, LATEST, "DELETED"))
    await other.end_run()

    pulls.begin_again(fully=True)
    await pulls.merge(a_pull_request_record(1))
    await pulls.end_run()

    assert await pulls.numbers() == [1]


async def test_who_reads_what_is_not_read_any_more_stores_nothing(pulls: Replicated, begin_work: BeginWork) -> None:
    async with begin_work() as work:
        await work.syncs.keep_only(ACME, SyncSource.NANGO, [])

    async def store() -> None:
        async with begin_work() as work:
            await work.replica.merge(pulls.sync, a_page(a_pull_request_record(1, LATER, "DELETED")), LATER)
            await work.syncs.save(pulls.sync, None)

    with pytest.raises(LeaseLost):
        await store()


async def test_a_full_run_deletes_what_it_did_not_meet(pulls: Replicated) -> None:
    await pulls.merge(a_pull_request_record(1), a_pull_request_record(2))
    await pulls.end_run()

    pulls.begin_again(fully=True)
    await pulls.merge(a_pull_request_record(2))
    assert await pulls.end_run() is None
    assert await pulls.numbers() == [2]

    pulls.begin_again(fully=True)
    await pulls.merge(a_pull_request_record(1), a_pull_request_record(2))
    await pulls.end_run()
    assert await pulls.numbers() == [1, 2]


async def test_a_run_that_reads_only_what_changed_deletes_nothing_that_it_did_not_meet(pulls: Replicated) -> None:
    await pulls.merge(a_pull_request_record(1), a_pull_request_record(2))
    await pulls.end_run()

    pulls.begin_again()
    await pulls.merge(a_pull_request_record(2, LATER))
    await pulls.end_run()

    assert await pulls.numbers() == [1, 2]


async def test_too_many_deletions_at_once_are_held_until_somebody_allows_them(pulls: Replicated) -> None:
    fuse = Fuse(rows=2, part=0.5)
    await pulls.merge(*(a_pull_request_record(number) for number in range(1, 6)))
    await pulls.merge(*(a_pull_request_record(number, LATER, "DELETED") for number in range(1, 4)))

    assert await pulls.end_run(fuse) == 3
    assert await pulls.numbers() == [1, 2, 3, 4, 5]
    pulls.begin_again()
    assert await pulls.end_run(fuse) == 3

    assert await pulls.end_run(fuse, may_delete=True) is None
    assert await pulls.numbers() == [4, 5]


@pytest.mark.parametrize(("rows", "deleted"), [(2, 2), (5, 2)])
async def test_few_deletions_are_carried_out_whatever_part_they_are_and_many_if_they_are_a_small_part(
    pulls: Replicated, rows: int, deleted: int
) -> None:
    await pulls.merge(*(a_pull_request_record(number) for number in range(1, rows + 1)))
    await pulls.merge(*(a_pull_request_record(number, LATER, "DELETED") for number in range(1, deleted + 1)))

    assert await pulls.end_run(Fuse(rows=deleted if rows == deleted else 1, part=0.5)) is None

    assert len(await pulls.numbers()) == rows - deleted


async def test_what_a_full_run_does_not_meet_can_blow_the_fuse_too(pulls: Replicated) -> None:
    await pulls.merge(*(a_pull_request_record(number) for number in range(1, 6)))
    await pulls.end_run()

    pulls.begin_again(fully=True)
    await pulls.merge(a_pull_request_record(1))

    assert await pulls.end_run(Fuse(rows=3, part=0.5)) == 4
    assert await pulls.numbers() == [1, 2, 3, 4, 5]


async def test_what_a_sync_left_behind_that_is_no_longer_there_is_taken_over_or_goes(
    pulls: Replicated, begin_work: BeginWork
) -> None:
    await pulls.merge(*(a_pull_request_record(number, LATEST, title="By the one before") for number in (1, 2)))
    async with begin_work() as work:
        await work.syncs.keep_only(ACME, SyncSource.NANGO, [])
        successor = await a_claimed(work, replace(pulls.sync.key, model="GithubPullRequest"))
    assert successor.id != pulls.sync.id

    replicated = Replicated(begin_work, successor)
    await replicated.merge(a_pull_request_record(1, NOON, title="By the next"))
    await replicated.end_run()
    replicated.begin_again(fully=True)
    await replicated.merge(a_pull_request_record(1, NOON, title="By the next"))
    await replicated.end_run()

    assert [(one.number, one.title) for one in await replicated.pull_requests()] == [(1, "By the next")]


async def test_what_was_left_behind_stays_while_nango_may_not_have_read_it_for_the_successor(
    pulls: Replicated, begin_work: BeginWork
) -> None:
    await pulls.merge(*(a_pull_request_record(number, LATEST) for number in range(1, 6)))
    async with begin_work() as work:
        await work.syncs.keep_only(ACME, SyncSource.NANGO, [])
        successor = await a_claimed(work, replace(pulls.sync.key, model="GithubPullRequest"))
    replicated = Replicated(begin_work, successor)

    await replicated.merge(a_pull_request_record(1, NOON))
    assert await replicated.end_run(Fuse(rows=3)) is None
    assert await replicated.numbers() == [1, 2, 3, 4, 5]

    replicated.begin_again(fully=True)
    await replicated.merge(*(a_pull_request_record(number, NOON) for number in (1, 2, 3, 4)))
    assert await replicated.end_run(Fuse(rows=3)) is None
    assert await replicated.numbers() == [1, 2, 3, 4]


async def test_every_kind_of_records_has_its_deletions(start: Start) -> None:
    for model, kind in (("Issue", ReplicaKind.ISSUES), ("GithubCommit", ReplicaKind.COMMITS)):
        synced = await start(model)
        assert synced.sync.key.kind is kind
        await synced.merge(a_record(model), a_record(model, LATER, "DELETED"))
        await synced.end_run()
        assert [*await synced.issues(), *await synced.commits()] == []


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
