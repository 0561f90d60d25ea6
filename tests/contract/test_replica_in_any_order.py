"""Whatever pages come in whatever order, the replica ends with the newest of each record."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from application.ports.unit_of_work import BeginWork
from domain.connection import ConnectionId
from domain.replica import ItemFilter
from domain.repository import RepositoryId
from domain.sync import Fuse, Run, SyncKey
from tests.contract.connecting import ACME, a_repository, an_installation
from tests.fakes.clock import NOON
from tests.records import Record, a_page, a_pull_request_record

SECOND: Final = timedelta(seconds=1)
NEVER_BLOWN: Final = Fuse(rows=10**9)


@dataclass(frozen=True, slots=True)
class Version:
    """What became of a record at a moment."""

    number: int
    rank: int
    is_deleted: bool

    @property
    def at(self) -> datetime:
        return NOON + self.rank * SECOND

    @property
    def title(self) -> str:
        return f"Version {self.rank}"

    def of(self, name: str) -> Record:
        """Write it as of the repository of this name."""
        action, page = "DELETED" if self.is_deleted else "UPDATED", f"https://github.com/acme/{name}/pull/{self.number}"
        return a_pull_request_record(self.number, self.at, action, title=self.title, html_url=page)


Rounds = list[list[list[Version]]]


@st.composite
def rounds_of_pages(draw: st.DrawFn) -> Rounds:
    """Draw a history, cut it into runs, and shuffle the pages of each, with older pages come again among them."""
    changes = draw(st.lists(st.tuples(st.integers(1, 6), st.booleans()), min_size=1, max_size=24))
    history = [Version(number, rank, is_deleted) for rank, (number, is_deleted) in enumerate(changes)]
    cut = draw(st.integers(0, len(history)))
    rounds: Rounds = []
    before: list[Version] = []
    for part in (history[:cut], history[cut:]):
        again = draw(st.lists(st.sampled_from(before + part), max_size=8)) if before + part else []
        shuffled = draw(st.permutations(part + again))
        size = draw(st.integers(1, 7))
        rounds.append([list(shuffled[start : start + size]) for start in range(0, len(shuffled), size)])
        before += part
    return rounds


def newest(rounds: Rounds) -> dict[int, str]:
    last: dict[int, Version] = {}
    for version in sorted((one for pages in rounds for page in pages for one in page), key=lambda one: one.rank):
        last[version.number] = version
    return {number: version.title for number, version in last.items() if not version.is_deleted}


@given(rounds=rounds_of_pages())
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_the_newest_of_each_record_is_what_there_is(begin_work: BeginWork, rounds: Rounds) -> None:
    name, repository_id = uuid4().hex, RepositoryId(uuid4().int >> 66)
    key = SyncKey(connection_id=ConnectionId("acme-connection"), model="PullRequest", variant=name)
    async with begin_work() as work:
        await work.installations.remember(an_installation(ACME))
        await work.repositories.save(ACME, a_repository(repository_id, name), NOON)
        await work.syncs.make(key, ACME, NOON, None)
        sync = await work.syncs.claim(NOON, NOON + SECOND)
    assert sync is not None

    now = NOON
    for pages in rounds:
        sync = replace(sync, run=Run(began_at=now))
        for page in pages:
            now += SECOND
            async with begin_work() as work:
                await work.replica.merge(sync, a_page(*(one.of(name) for one in page)), now)
        async with begin_work() as work:
            assert await work.replica.end_run(sync, NEVER_BLOWN, now) is None

    async with begin_work() as work:
        found = await work.pull_requests.list(repository_id, ItemFilter(), None, 100)
    assert {one.number: one.title for one in found} == newest(rounds)
