"""While a page is stored the next one is read, and no further; a page that comes too late for anybody is dropped."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Final

import pytest

from application.ports.unit_of_work import BeginWork, UnitOfWork
from application.replica.pull_due import PullOutcome
from domain.errors import UpstreamUnavailable
from domain.sync import Position, RecordPage, Sync
from tests.application.replicating import LEASE, PULLS, Pages, Replicating, payload

PATIENCE_SECONDS: Final = 5.0


@dataclass(slots=True)
class SlowStore(BeginWork):
    """Once the first page is read, whatever is stored waits until the next one was asked for."""

    begin_work: BeginWork
    is_first_read: asyncio.Event = field(default_factory=asyncio.Event)
    is_next_asked: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, *, atomic: bool = True) -> AbstractAsyncContextManager[UnitOfWork]:
        return self._begin(atomic=atomic)

    @asynccontextmanager
    async def _begin(self, *, atomic: bool) -> AsyncGenerator[UnitOfWork]:
        if self.is_first_read.is_set():
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self.is_next_asked.wait()
        async with self.begin_work(atomic=atomic) as work:
            yield work


@pytest.fixture
async def replicating() -> Replicating:
    replicating = Replicating()
    await replicating.connect()
    replicating.synced_records.put(PULLS, *(payload(number) for number in range(1, 8)))
    await replicating.hear()
    return replicating


def ahead(
    replicating: Replicating,
    *,
    first: Callable[[], Awaitable[object]] | None = None,
    then: Callable[[], Awaitable[object]] | None = None,
) -> list[int]:
    """Let `first` happen before the first page is there, and `then` before each later one.

    Returns how many rows there are whenever a page is asked for.
    """
    store, rows = SlowStore(replicating.begin_work), list[int]()

    async def page(sync: Sync, position: Position) -> RecordPage:
        rows.append(len(await replicating.pull_requests()))
        is_first = position.cursor is None
        if not is_first:
            store.is_next_asked.set()
        if happens := first if is_first else then:
            await happens()
        found = await replicating.synced_records.page(sync, position)
        store.is_first_read.set()
        return found

    replicating.pull_due = replace(replicating.pull_due, synced_records=Pages(page), begin_work=store)
    return rows


async def test_the_next_page_is_read_while_one_is_stored_and_no_other(replicating: Replicating) -> None:
    rows = ahead(replicating)

    assert await replicating.pull() == [PullOutcome.ENDED]

    assert rows[:2] == [0, 0]
    assert all(stored >= 2 * (number - 1) for number, stored in enumerate(rows))
    assert len(await replicating.pull_requests()) == 7


async def test_what_fails_while_a_page_is_stored_takes_nothing_from_it(replicating: Replicating) -> None:
    async def fail() -> None:
        raise UpstreamUnavailable("Nango does not answer")

    ahead(replicating, then=fail)

    assert await replicating.pull() == [PullOutcome.FAILED]

    assert list(await replicating.pull_requests()) == [1, 2]
    assert (await replicating.sync()).the_run.records == 2


async def test_who_has_lost_the_lease_reads_no_further(replicating: Replicating) -> None:
    dropped = asyncio.Event()
    pull_due = replicating.pull_due

    async def lose() -> None:
        replicating.clock.advance(LEASE)
        await pull_due()

    async def never() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            dropped.set()

    ahead(replicating, first=lose, then=never)
    turn = await replicating.pull_due()

    assert turn is not None
    assert turn.outcome is PullOutcome.LOST
    assert dropped.is_set()


async def test_who_is_told_to_stop_reads_no_further(replicating: Replicating) -> None:
    asked, dropped = asyncio.Event(), asyncio.Event()
    pull_due = replicating.pull_due

    async def never() -> None:
        asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            dropped.set()

    ahead(replicating, then=never)
    turn = asyncio.create_task(replicating.pull_due())
    await asked.wait()
    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await turn

    assert dropped.is_set()
    replicating.pull_due = pull_due
    assert await replicating.pull() == [PullOutcome.ENDED]
    assert len(await replicating.pull_requests()) == 7
