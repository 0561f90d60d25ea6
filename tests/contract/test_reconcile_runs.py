"""What every `ReconcileRuns` does."""

import asyncio
from datetime import datetime, timedelta
from uuid import uuid4

from application.ports.reconcile_runs import RunId
from application.ports.unit_of_work import BeginWork
from tests.fakes.clock import NOON

LEASE = timedelta(minutes=5)
HOUR = timedelta(hours=1)


async def claim(begin_work: BeginWork, at: datetime = NOON, *, is_wanted: bool = False) -> RunId | None:
    run_id = RunId(uuid4())
    async with begin_work() as work:
        return run_id if await work.reconcile_runs.claim(run_id, at, at + LEASE, is_wanted=is_wanted) else None


async def end(begin_work: BeginWork, run_id: RunId | None, due: datetime) -> None:
    assert run_id is not None
    async with begin_work() as work:
        await work.reconcile_runs.end(run_id, NOON, due, "done")


async def renew(begin_work: BeginWork, run_id: RunId | None, until: datetime) -> bool:
    assert run_id is not None
    async with begin_work() as work:
        return await work.reconcile_runs.renew(run_id, until)


async def test_of_many_that_find_the_first_run_due_one_begins_it(begin_work: BeginWork) -> None:
    begun = await asyncio.gather(*(claim(begin_work, is_wanted=number % 2 == 0) for number in range(8)))

    assert len([run_id for run_id in begun if run_id]) == 1


async def test_of_many_that_find_a_later_run_due_one_begins_it(begin_work: BeginWork) -> None:
    await end(begin_work, await claim(begin_work), NOON + HOUR)

    begun = await asyncio.gather(*(claim(begin_work, NOON + HOUR) for _ in range(8)))

    assert len([run_id for run_id in begun if run_id]) == 1


async def test_the_next_run_waits_until_it_is_due_or_wanted(begin_work: BeginWork) -> None:
    await end(begin_work, await claim(begin_work), NOON + HOUR)

    assert not await claim(begin_work, NOON + HOUR - timedelta(seconds=1))
    assert await claim(begin_work, NOON, is_wanted=True)


async def test_one_under_way_is_not_wanted_twice(begin_work: BeginWork) -> None:
    assert await claim(begin_work)

    assert not await claim(begin_work, NOON + LEASE - timedelta(seconds=1), is_wanted=True)


async def test_one_whose_lease_has_ended_is_taken_over_and_has_no_more_say(begin_work: BeginWork) -> None:
    dead = await claim(begin_work)
    taken_over = await claim(begin_work, NOON + LEASE)

    assert taken_over
    assert not await renew(begin_work, dead, NOON + HOUR)
    await end(begin_work, dead, NOON)
    assert await renew(begin_work, taken_over, NOON + HOUR)
    assert not await claim(begin_work, NOON + HOUR - timedelta(seconds=1))


async def test_a_lease_that_is_renewed_holds(begin_work: BeginWork) -> None:
    run_id = await claim(begin_work)

    assert await renew(begin_work, run_id, NOON + 2 * LEASE)

    assert not await claim(begin_work, NOON + LEASE)
    assert await claim(begin_work, NOON + 2 * LEASE)


async def test_one_that_has_ended_is_not_renewed(begin_work: BeginWork) -> None:
    run_id = await claim(begin_work)
    await end(begin_work, run_id, NOON + HOUR)

    assert not await renew(begin_work, run_id, NOON + HOUR)
