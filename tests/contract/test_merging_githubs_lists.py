"""What GitHub's lists say of a repository arrives in the replica, and what they do not say any more leaves it."""

from datetime import timedelta
from typing import Final

import pytest

from application.ports.unit_of_work import BeginWork, UnitOfWork
from domain.connection import ConnectionId
from domain.replica import CommitFilter, ItemFilter, State
from domain.repository import RepositoryId
from domain.sync import FULLY_EVERY, Fuse, SyncKey
from tests.adapters.nango.github_lists import BEGAN, REPOSITORY, Lists, commit, conversation, pull
from tests.contract.connecting import ACME, a_repository, an_installation

APP: Final = RepositoryId(REPOSITORY)
MINUTE: Final = timedelta(minutes=1)


@pytest.fixture
async def work(begin_work: BeginWork) -> BeginWork:
    async with begin_work() as work:
        await work.installations.remember(an_installation())
        await work.repositories.save(ACME, a_repository(REPOSITORY, "app"), BEGAN)
        for kind in ("pulls", "commits", "issues"):
            key = SyncKey(connection_id=ConnectionId("one"), model=f"proxy:{kind}", variant=str(REPOSITORY))
            await work.syncs.make(key, ACME, BEGAN, None)
    return begin_work


async def pull_all(begin_work: BeginWork, lists: Lists) -> None:
    """Pull whatever is due, as a worker does, and again after a quarter of an hour."""
    async with begin_work() as work:
        while (sync := await work.syncs.claim(lists.now, lists.now + MINUTE)) is not None:
            while sync.run is not None:
                page = await lists.port().page(sync, sync.run.position)
                await work.replica.merge(sync, page, lists.now)
                sync = sync.page_read(page.cursor, page.through, page.count)
                if page.is_last:
                    held = await work.replica.end_run(sync, Fuse(), lists.now)
                    sync = sync.run_ended(lists.now + 15 * MINUTE, held)
            await work.syncs.save(sync, None)


async def shown(work: UnitOfWork) -> tuple[list[str], list[str], list[str]]:
    pulls = await work.pull_requests.list(APP, ItemFilter(), None, 10)
    issues = await work.issues.list(APP, ItemFilter(), None, 10)
    commits = await work.commits.list(APP, CommitFilter(branch="main"), None, 10)
    return [one.title for one in pulls], [one.title for one in issues], [one.message for one, _ in commits]


async def test_what_the_lists_have_is_shown_and_what_they_lost_is_gone_after_a_week(work: BeginWork) -> None:
    lists = Lists(commits=[commit(2), commit(1, -5)])
    lists.put(pull(1), conversation(2), conversation(3, body="It does not fly", comments=2))
    await pull_all(work, lists)
    async with work() as reading:
        assert await shown(reading) == (["Number 1"], ["Number 3", "Number 2"], ["Commit 2", "Commit 1"])
        [issue, _] = await reading.issues.list(APP, ItemFilter(), None, 10)
        assert (issue.body, issue.comments, issue.author, issue.labels) == ("It does not fly", 2, "ada", ("bug",))

    lists.now += 15 * MINUTE
    lists.put(pull(1, 10, state="closed", merged_at="2026-11-21T06:10:00Z", closed_at="2026-11-21T06:10:00Z"))
    lists.commits.insert(0, commit(3, 10))
    lists.issues.pop(2)
    await pull_all(work, lists)
    async with work() as reading:
        assert await shown(reading) == (["Number 1"], ["Number 3", "Number 2"], ["Commit 3", "Commit 2", "Commit 1"])
        [merged] = await reading.pull_requests.list(APP, ItemFilter(state=State.CLOSED), None, 10)
        assert (merged.is_merged, merged.merged_at) == (True, BEGAN + 10 * MINUTE)

    lists.now += FULLY_EVERY
    lists.commits.pop()
    await pull_all(work, lists)
    async with work() as reading:
        assert await shown(reading) == (["Number 1"], ["Number 3"], ["Commit 3", "Commit 2"])
