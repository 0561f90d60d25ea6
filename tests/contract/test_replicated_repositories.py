"""What every `ReplicatedRepositories` does."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import pytest

from application.ports.unit_of_work import BeginWork
from domain.connection import ConnectionId
from domain.replica import CommitFilter, ItemFilter
from domain.repository import RepositoryId
from domain.sync import SyncKey, SyncSource
from domain.user import User
from tests.builders import a_user
from tests.contract.connecting import ACME, a_proof, a_repository, an_installation, seen
from tests.fakes.clock import NOON
from tests.records import a_commit_record, a_page, a_pull_request_record

ROCKET: Final = RepositoryId(9001)
DAY: Final = timedelta(days=1)
SHA: Final = "6dcb09b5b57875f334f61aebed695e2e4193db5e"
PULLS: Final = SyncKey(connection_id=ConnectionId("acme-connection"), model="PullRequest")
COMMITS: Final = SyncKey(connection_id=ConnectionId("acme-connection"), model="Commit")


@pytest.fixture
async def ada(begin_work: BeginWork) -> User:
    """Return somebody with a grant on a repository of which pull requests and commits were synced."""
    async with begin_work() as work:
        await work.installations.remember(an_installation(ACME))
        user = await work.users.remember(a_user())
        await work.grants.record(a_proof(user), seen(a_repository(ROCKET, "rocket")))
        for key in (PULLS, COMMITS):
            await work.syncs.make(key, ACME, NOON, None)
    await pull(begin_work, NOON)
    return user


async def pull(begin_work: BeginWork, now: datetime) -> set[bool]:
    """Read what is due; tell whether that was all, or what is new."""
    fully = set[bool]()
    async with begin_work() as work:
        while (sync := await work.syncs.claim(now, now + DAY)) is not None:
            fully.add(sync.the_run.is_full)
            records = {
                PULLS: [a_pull_request_record(number, now) for number in range(1, 4)],
                COMMITS: [a_commit_record(SHA, "main", now)],
            }
            await work.replica.merge(sync, a_page(*records[sync.key]), now)
            await work.syncs.save(sync.run_ended(now + 300 * DAY, None), None)
    return fully


async def look(begin_work: BeginWork, now: datetime) -> None:
    async with begin_work() as work:
        await work.replicated_repositories.look(now)


async def begin_deletion(begin_work: BeginWork, now: datetime) -> Sequence[RepositoryId]:
    async with begin_work() as work:
        return await work.replicated_repositories.begin_deletion(now - 30 * DAY, now, 10)


async def rows(begin_work: BeginWork) -> tuple[int, int]:
    async with begin_work() as work:
        commits = await work.commits.list(ROCKET, CommitFilter(), None, 100)
        return len(await work.pull_requests.list(ROCKET, ItemFilter(), None, 100)), len(commits)


async def test_what_is_of_use_is_never_deleted(begin_work: BeginWork, ada: User) -> None:
    assert ada
    await look(begin_work, NOON)

    assert await begin_deletion(begin_work, NOON + 300 * DAY) == []
    async with begin_work() as work:
        assert await work.replicated_repositories.delete_some(ROCKET, 100) == 0
    assert await rows(begin_work) == (3, 1)


async def test_what_nobody_has_a_grant_on_goes_after_a_while_a_few_rows_at_a_time(
    begin_work: BeginWork, ada: User
) -> None:
    async with begin_work() as work:
        await work.grants.leave(ada.id, ACME, NOON)
    await look(begin_work, NOON)
    await look(begin_work, NOON + DAY)
    assert await begin_deletion(begin_work, NOON + 29 * DAY) == []
    assert await begin_deletion(begin_work, NOON + 30 * DAY) == [ROCKET]
    assert await begin_deletion(begin_work, NOON + 30 * DAY) == []

    async with begin_work() as work:
        assert await work.replicated_repositories.delete_some(ROCKET, 2) == 3
    assert await rows(begin_work) == (1, 0)
    async with begin_work() as work:
        assert await work.replicated_repositories.delete_some(ROCKET, 2) == 1
        assert await work.replicated_repositories.delete_some(ROCKET, 2) == 0
    assert await begin_deletion(begin_work, NOON + 31 * DAY) == [ROCKET]


async def test_what_is_not_synced_any_more_goes_too(begin_work: BeginWork, ada: User) -> None:
    assert ada
    async with begin_work() as work:
        await work.syncs.keep_only(ACME, SyncSource.NANGO, [])
    await look(begin_work, NOON)

    assert await begin_deletion(begin_work, NOON + 30 * DAY) == [ROCKET]


async def test_what_is_granted_again_before_it_went_stays(begin_work: BeginWork, ada: User) -> None:
    async with begin_work() as work:
        await work.grants.leave(ada.id, ACME, NOON)
    await look(begin_work, NOON)
    async with begin_work() as work:
        await work.grants.rejoin(ada.id, ACME)
        await work.grants.record(a_proof(ada, at=NOON + DAY), seen(a_repository(ROCKET, "rocket")))
    await look(begin_work, NOON + DAY)

    assert await begin_deletion(begin_work, NOON + 300 * DAY) == []
    assert await pull(begin_work, NOON + DAY) == set()


async def test_what_is_granted_again_while_it_goes_stays_as_far_as_it_is_still_there(
    begin_work: BeginWork, ada: User
) -> None:
    async with begin_work() as work:
        await work.grants.leave(ada.id, ACME, NOON)
    await look(begin_work, NOON)
    await begin_deletion(begin_work, NOON + 30 * DAY)
    async with begin_work() as work:
        await work.replicated_repositories.delete_some(ROCKET, 1)
        await work.grants.rejoin(ada.id, ACME)
        await work.grants.record(a_proof(ada, at=NOON + 30 * DAY), seen(a_repository(ROCKET, "rocket")))

    async with begin_work() as work:
        assert await work.replicated_repositories.delete_some(ROCKET, 100) == 0
    assert await rows(begin_work) == (2, 0)


async def test_what_is_granted_again_after_it_went_is_read_anew(begin_work: BeginWork, ada: User) -> None:
    async with begin_work() as work:
        await work.grants.leave(ada.id, ACME, NOON)
    await look(begin_work, NOON)
    await begin_deletion(begin_work, NOON + 30 * DAY)
    async with begin_work() as work:
        await work.replicated_repositories.delete_some(ROCKET, 100)
        await work.grants.rejoin(ada.id, ACME)
        await work.grants.record(a_proof(ada, at=NOON + 31 * DAY), seen(a_repository(ROCKET, "rocket")))
    await look(begin_work, NOON + 31 * DAY)

    assert await pull(begin_work, NOON + 31 * DAY) == {True}
    assert await rows(begin_work) == (3, 1)
    await look(begin_work, NOON + 32 * DAY)
    assert await pull(begin_work, NOON + 32 * DAY) == set()
