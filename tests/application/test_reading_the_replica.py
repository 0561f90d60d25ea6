"""What somebody reads of the replica: of repositories that GitHub confirmed, page by page, and how current it is."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final
from uuid import uuid4

import pytest

from application.replica.list_commits import ListCommits
from application.replica.list_issues import ListIssues
from application.replica.list_pull_requests import ListPullRequests
from application.replica.scan_room import ScanRoom
from application.replica.show_freshness import ShowFreshness
from domain.connection import ConnectionId
from domain.errors import RepositoryNotFound, TooOften
from domain.freshness import FreshnessState
from domain.installation import InstallationId
from domain.replica import CommitFilter, CommitPlace, ItemFilter, State
from domain.repository import Permission, RepositoryId
from domain.sync import ReplicaKind, SyncKey
from domain.user import UserId
from tests.application.house import RULES, House
from tests.builders import ADA
from tests.fakes.clock import NOON
from tests.replicated import a_commit, a_pull_request, an_issue, put_in_memory

FIRST: Final = RepositoryId(1)
OTHER: Final = RepositoryId(2)
ANY: Final = ItemFilter()


@dataclass
class Reader:
    """Ada, connected to one repository of an installation that has two, with rows in both."""

    house: House
    user_id: UserId
    acme: InstallationId
    scan_room: ScanRoom = field(default_factory=lambda: ScanRoom(1, timedelta(0)))

    async def numbers(self, wanted: ItemFilter = ANY, repository_id: RepositoryId = FIRST) -> Sequence[int]:
        found, _ = await self._pulls(self.user_id, repository_id, wanted, None, 100)
        return [pull.number for pull in found]

    async def shas(self, wanted: CommitFilter) -> Sequence[str]:
        found, _ = await self._commits(self.user_id, FIRST, wanted, None, 100)
        return [commit.sha for commit in found]

    async def refusals(self, user_id: UserId, repository_id: RepositoryId) -> set[str]:
        """Ask for each kind, which all have to be refused; return the words."""
        asked = [
            self._pulls(user_id, repository_id, ANY, None, 100),
            self._issues(user_id, repository_id, ANY, None, 100),
            self._commits(user_id, repository_id, CommitFilter(), None, 100),
        ]
        words: set[str] = set()
        for one in asked:
            with pytest.raises(RepositoryNotFound) as refused:
                await one
            words.add(str(refused.value))
        return words

    @property
    def _pulls(self) -> ListPullRequests:
        return ListPullRequests(begin_work=self.house.begin_work, clock=self.house.clock, scan_room=self.scan_room)

    @property
    def _issues(self) -> ListIssues:
        return ListIssues(begin_work=self.house.begin_work, clock=self.house.clock, scan_room=self.scan_room)

    @property
    def _commits(self) -> ListCommits:
        return ListCommits(begin_work=self.house.begin_work, clock=self.house.clock, scan_room=self.scan_room)

    async def pages(self) -> Sequence[Sequence[int]]:
        before, pages = None, list[Sequence[int]]()
        while True:
            found, has_more = await self._issues(self.user_id, FIRST, ANY, before, 2)
            pages.append([issue.number for issue in found])
            if not has_more:
                return pages
            before = found[-1].number

    async def pages_of_commits(self) -> Sequence[Sequence[str]]:
        after: CommitPlace | None = None
        pages = list[Sequence[str]]()
        while True:
            found, after = await self._commits(self.user_id, FIRST, CommitFilter(), after, 2)
            pages.append([commit.sha for commit in found])
            if after is None:
                return pages


@pytest.fixture
async def ada() -> Reader:
    house = House()
    acme = house.github.install(5001)
    house.github.give(ADA, Permission.READ, house.github.create(1, acme))
    house.github.create(2, acme)
    user_id = (await house.sign_in(ADA)).user_id
    await house.link(user_id, ADA, acme)
    reader = Reader(house, user_id, acme)
    for repository_id in (FIRST, OTHER):
        for number in (1, 2, 3, 4):
            put_in_memory(house.begin_work.tables, a_pull_request(number, repository_id=repository_id))
            put_in_memory(house.begin_work.tables, an_issue(number, repository_id=repository_id))
            put_in_memory(house.begin_work.tables, a_commit("abcd"[number - 1] * 40, repository_id=repository_id))
    return reader


async def test_pages_follow_each_other_until_there_is_none(ada: Reader) -> None:
    assert await ada.pages() == [[4, 3], [2, 1]]
    assert [[sha[0] for sha in page] for page in await ada.pages_of_commits()] == [["d", "c"], ["b", "a"]]


async def test_filters_are_passed_on(ada: Reader) -> None:
    assert await ada.numbers(ItemFilter(state=State.CLOSED)) == []
    assert await ada.numbers(ItemFilter(state=State.OPEN)) == [4, 3, 2, 1]


async def test_a_scan_takes_a_place_and_what_is_looked_up_takes_none(ada: Reader) -> None:
    looked_up = ItemFilter(author="ada", state=State.OPEN)
    async with ada.scan_room.entered(is_scan=True):
        assert await ada.numbers(ANY) == [4, 3, 2, 1]
        assert await ada.numbers(looked_up) == []
        for scan in (ItemFilter(text="q"), ItemFilter(label="bug"), ItemFilter(branch="main"), ItemFilter(since=NOON)):
            with pytest.raises(TooOften):
                await ada.numbers(scan)
        with pytest.raises(RepositoryNotFound):
            await ada.numbers(ItemFilter(text="q"), OTHER)

    assert await ada.numbers(ItemFilter(text="no such title")) == []


async def test_commits_are_looked_up_by_time_alone(ada: Reader) -> None:
    async with ada.scan_room.entered(is_scan=True):
        assert len(await ada.shas(CommitFilter(since=NOON - timedelta(days=999)))) == 4
        for scan in (CommitFilter(text="q"), CommitFilter(branch="main"), CommitFilter(author="ada")):
            with pytest.raises(TooOften):
                await ada.shas(scan)


async def test_unknown_and_ungranted_repositories_get_the_same_answer(ada: Reader) -> None:
    stranger = UserId(uuid4())

    words = [
        await ada.refusals(ada.user_id, OTHER),
        await ada.refusals(ada.user_id, RepositoryId(4711)),
        await ada.refusals(stranger, FIRST),
    ]

    assert words == [{"GitHub did not confirm your access"}] * 3


async def test_the_data_is_gone_the_moment_the_proof_is_too_old(ada: Reader) -> None:
    ada.house.clock.advance(RULES.lifetime - timedelta(microseconds=1))
    until = await ada.numbers()
    ada.house.clock.advance(timedelta(microseconds=1))

    assert until == [4, 3, 2, 1]
    assert await ada.refusals(ada.user_id, FIRST) == {"GitHub did not confirm your access"}


async def test_the_data_of_a_suspended_installation_is_not_shown_until_it_is_resumed(ada: Reader) -> None:
    ada.house.github.suspend(ada.acme)
    await ada.house.proving.reread_installation(ada.acme)
    during = await ada.refusals(ada.user_id, FIRST)

    ada.house.github.unsuspend(ada.acme)
    await ada.house.proving.reread_installation(ada.acme)

    assert (during, await ada.numbers()) == ({"GitHub did not confirm your access"}, [4, 3, 2, 1])


async def test_who_disconnects_or_loses_the_repository_reads_nothing_from_then_on(ada: Reader) -> None:
    await ada.house.disconnect.for_oneself(ada.user_id, ada.acme)
    after_disconnect = await ada.refusals(ada.user_id, FIRST)
    await ada.house.link(ada.user_id, ADA, ada.acme)
    again = await ada.numbers()
    ada.house.github.take(ADA, FIRST)
    await ada.house.link(ada.user_id, ADA, ada.acme)

    assert (len(after_disconnect), again) == (1, [4, 3, 2, 1])
    assert await ada.refusals(ada.user_id, FIRST) == after_disconnect


async def test_freshness_is_told_of_each_kind_by_the_repositorys_syncs(ada: Reader) -> None:
    now, work = ada.house.clock.now(), ada.house.begin_work
    async with work() as stores:
        for model in ("GithubPullRequest", "proxy:issues"):
            variant = "1" if model.startswith("proxy") else "base"
            key = SyncKey(connection_id=ConnectionId("acme"), model=model, variant=variant)
            await stores.syncs.make(key, ada.acme, now + timedelta(hours=1), None)
    [pulls, _] = work.tables.syncs.values()
    work.tables.syncs[pulls.sync.id] = replace(pulls, sync=replace(pulls.sync, pulled_at=now))
    async with work() as stores:
        await stores.sync_scopes.tell(ada.acme, [FIRST], now)
        grant = await stores.grants.find(ada.user_id, FIRST)
        assert grant is not None

    told = await ShowFreshness(begin_work=work, clock=ada.house.clock)(grant)

    assert {kind: (one.state, one.rows) for kind, one in told.items()} == {
        ReplicaKind.PULL_REQUESTS: (FreshnessState.FRESH, 4),
        ReplicaKind.COMMITS: (FreshnessState.NEVER, 4),
        ReplicaKind.ISSUES: (FreshnessState.NEVER, 4),
    }


async def test_a_repository_that_no_sync_was_told_of_yet_is_not_called_fresh(ada: Reader) -> None:
    now, work = ada.house.clock.now(), ada.house.begin_work
    async with work() as stores:
        key = SyncKey(connection_id=ConnectionId("acme"), model="GithubPullRequest")
        await stores.syncs.make(key, ada.acme, now + timedelta(hours=1), None)
        await stores.sync_scopes.tell(ada.acme, [FIRST], now)
    [pulls] = work.tables.syncs.values()
    work.tables.syncs[pulls.sync.id] = replace(pulls, sync=replace(pulls.sync, pulled_at=now))
    ada.house.clock.advance(timedelta(minutes=1))
    ada.house.github.give(ADA, Permission.READ, OTHER)
    await ada.house.link(ada.user_id, ADA, ada.acme)
    async with work() as stores:
        grant = await stores.grants.find(ada.user_id, OTHER)
        assert grant is not None

    told = await ShowFreshness(begin_work=work, clock=ada.house.clock)(grant)

    assert {one.state for one in told.values()} == {FreshnessState.NEVER}
