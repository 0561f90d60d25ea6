"""Pull the records of one model, page by page."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from application.ports.clock import Clock
from application.ports.synced_records import SyncedRecords
from application.ports.unit_of_work import BeginWork, UnitOfWork
from domain.errors import CursorRefused, DomainError, LeaseLost, NoCallsLeft, UpstreamUnavailable
from domain.installation import InstallationConnection
from domain.sync import FIRST_RETRY, Fuse, RecordPage, Sync, SyncSource
from domain.sync_plan import SyncPlan

# Then others have their turn, and this one goes on behind them.
LONGEST_TURN: Final = timedelta(minutes=1)
# Nango's own first run may go on while its records are read for the first time, and its webhook may get lost.
SECOND_PULL_IN: Final = timedelta(minutes=2)


class PullOutcome(StrEnum):
    """What became of a turn; a closed set, as it labels metrics."""

    ENDED = "ended"
    HELD = "held"
    """As `ENDED`, but its deletions blew the fuse."""
    PAUSED = "paused"
    POSTPONED = "postponed"
    FAILED = "failed"
    LOST = "lost"
    """Somebody else has taken over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    sync: Sync
    outcome: PullOutcome
    records: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PullDue:
    """The longest due first; any number of processes side by side, each with the records of another model."""

    synced_records: SyncedRecords
    begin_work: BeginWork
    clock: Clock
    plan: SyncPlan
    fuse: Fuse
    lease: timedelta
    """After this long without a sign of life a process is dead, and another goes on behind its last page."""

    async def __call__(self) -> Pulled | None:
        """Have one turn; None if nothing is due.

        Raises `UpstreamUnavailable` only if the database is away; a source that fails is tried again later.
        """
        now = self.clock.now()
        async with self.begin_work() as work:
            sync = await work.syncs.claim(now, now + self.lease)
            if sync is None:
                return None
            connection = await work.installation_connections.current_of(sync.installation_id)
            if connection is None or connection.id != sync.key.connection_id:
                return await self._follow(work, sync, connection)
        async with self._kept(sync):
            return await self._pull(sync)

    async def _follow(self, work: UnitOfWork, sync: Sync, connection: InstallationConnection | None) -> Pulled:
        """Read through the connection that the installation has now; without one there is nothing to be read."""
        now = self.clock.now()
        if connection is None:
            await work.syncs.save(sync.postponed(now + self.plan.period_of(sync.key.source)), None)
        else:
            key = replace(sync.key, connection_id=connection.id)
            await work.syncs.make(key, sync.installation_id, now, sync.name)
        return Pulled(sync=sync, outcome=PullOutcome.POSTPONED)

    async def _pull(self, sync: Sync) -> Pulled:
        records = 0
        try:
            async with aclosing(self._pages(sync)) as pages:
                async for page, read in pages:
                    await self._store(read, page)
                    sync, records = read, records + page.count
                    if page.is_last:
                        return await self._end(sync, records)
            after, outcome = sync.postponed(self.clock.now()), PullOutcome.PAUSED
        except LeaseLost:
            return Pulled(sync=sync, outcome=PullOutcome.LOST, records=records)
        except DomainError as error:
            after, outcome = self._after(sync, error)
        except asyncio.CancelledError:
            await self._give_back(sync.postponed(self.clock.now()), PullOutcome.PAUSED, records)
            raise
        except Exception as error:
            # The log of the caller has the cause.
            failed = sync.failed(f"a bug was met: {type(error).__name__}", self.clock.now(), None)
            await self._give_back(failed, PullOutcome.FAILED, records)
            raise
        return await self._give_back(after, outcome, records)

    def _after(self, sync: Sync, error: DomainError) -> tuple[Sync, PullOutcome]:
        """Decide how it goes on after an error."""
        now = self.clock.now()
        match error:
            case NoCallsLeft():
                return sync.postponed(now + (error.retry_after or FIRST_RETRY)), PullOutcome.POSTPONED
            case CursorRefused():
                again = sync.restarted(now)
                if again.the_run.start != sync.the_run.start:
                    return again.postponed(now), PullOutcome.PAUSED
                return again.failed(str(error), now, None), PullOutcome.FAILED
            case UpstreamUnavailable():
                return sync.failed(str(error), now, error.retry_after), PullOutcome.FAILED
            case _:
                return sync.failed(str(error), now, None), PullOutcome.FAILED

    async def _pages(self, sync: Sync) -> AsyncGenerator[tuple[RecordPage, Sync], None]:
        """Yield the pages of a turn, each with the sync behind it; the next one is read while one is stored.

        What reading it raises is raised when that one would come.
        """
        ends_at = self.clock.now() + LONGEST_TURN
        ahead = asyncio.create_task(self._page(sync))
        try:
            while True:
                page = await ahead
                sync = sync.page_read(page.cursor, page.through, page.count)
                is_over = page.is_last or self.clock.now() >= ends_at
                if not is_over:
                    ahead = asyncio.create_task(self._page(sync))
                yield page, sync
                if is_over:
                    return
        finally:
            ahead.cancel()
            await asyncio.gather(ahead, return_exceptions=True)

    async def _page(self, sync: Sync) -> RecordPage:
        return await self.synced_records.page(sync, sync.the_run.position)

    async def _store(self, sync: Sync, page: RecordPage) -> None:
        """Store a page and where it ends, which the sync tells; raises `LeaseLost`, and then neither is stored."""
        now = self.clock.now()
        async with self.begin_work() as work:
            await work.replica.merge(sync, page, self._in_run(sync))
            await work.syncs.save(sync, now + self.lease)

    async def _end(self, sync: Sync, records: int) -> Pulled:
        now = self.clock.now()
        async with self.begin_work() as work:
            held = await work.replica.end_run(sync, self.fuse, self._in_run(sync))
            ended = sync.run_ended(now + self._pause_after(sync), held)
            await work.syncs.save(ended, None)
        outcome = PullOutcome.ENDED if held is None else PullOutcome.HELD
        return Pulled(sync=ended, outcome=outcome, records=records)

    def _in_run(self, sync: Sync) -> datetime:
        """Tell the time, not before the run began: the clock of whoever began it may be ahead."""
        return max(self.clock.now(), sync.the_run.began_at)

    def _pause_after(self, sync: Sync) -> timedelta:
        period = self.plan.period_of(sync.key.source)
        is_first = sync.pulled_at is None and sync.key.source is SyncSource.NANGO
        return min(SECOND_PULL_IN, period) if is_first else period

    async def _give_back(self, sync: Sync, outcome: PullOutcome, records: int) -> Pulled:
        async with self.begin_work() as work:
            try:
                await work.syncs.save(sync, None)
            except LeaseLost:
                outcome = PullOutcome.LOST
        return Pulled(sync=sync, outcome=outcome, records=records)

    @asynccontextmanager
    async def _kept(self, sync: Sync) -> AsyncGenerator[None, None]:
        """Keep the lease while a page takes its time."""
        keeping = asyncio.create_task(self._keep(sync))
        try:
            yield
        finally:
            keeping.cancel()

    async def _keep(self, sync: Sync) -> None:
        while True:
            await asyncio.sleep(self.lease.total_seconds() / 3)
            with suppress(UpstreamUnavailable):
                async with self.begin_work(atomic=False) as work:
                    await work.syncs.keep(sync, self.clock.now() + self.lease)
