"""Readings because of hints, in memory and in PostgreSQL."""

import asyncio
from datetime import datetime, timedelta

from application.ports.unit_of_work import BeginWork
from tests.fakes.clock import NOON

MINUTE = timedelta(minutes=1)
ACME = "installation 5001"


async def test_what_was_never_read_has_no_last_time(begin_work: BeginWork) -> None:
    async with begin_work() as work:
        await work.rereads.begin(ACME, NOON, NOON)

        assert await work.rereads.last(ACME) is None
        assert await work.rereads.last("another") is None


async def test_a_try_begins_only_after_a_rest_whatever_became_of_the_last(begin_work: BeginWork) -> None:
    async with begin_work() as work:
        assert await work.rereads.begin(ACME, NOON, NOON - MINUTE) is None
        assert await work.rereads.begin(ACME, NOON + MINUTE, NOON - MINUTE) == NOON
        assert await work.rereads.begin(ACME, NOON + MINUTE, NOON) is None
        assert await work.rereads.begin("another", NOON + MINUTE, NOON) is None


async def test_a_try_that_was_withdrawn_keeps_nobody_from_the_next(begin_work: BeginWork) -> None:
    async with begin_work() as work:
        await work.rereads.begin(ACME, NOON - MINUTE, NOON)
        await work.rereads.note(ACME, NOON - MINUTE)
        await work.rereads.begin(ACME, NOON, NOON - MINUTE)

        await work.rereads.withdraw(ACME, NOON - MINUTE)
        assert await work.rereads.begin(ACME, NOON, NOON - MINUTE) == NOON
        await work.rereads.withdraw(ACME, NOON)
        assert await work.rereads.last(ACME) == NOON - MINUTE
        assert await work.rereads.begin(ACME, NOON, NOON - MINUTE) is None


async def test_the_latest_reading_counts_whatever_the_order(begin_work: BeginWork) -> None:
    async with begin_work() as work:
        await work.rereads.begin(ACME, NOON, NOON)
        await work.rereads.note(ACME, NOON + MINUTE)
        await work.rereads.note(ACME, NOON)

        assert await work.rereads.last(ACME) == NOON + MINUTE


async def test_what_was_tried_before_the_moment_is_forgotten(begin_work: BeginWork) -> None:
    async with begin_work() as work:
        await work.rereads.begin("old", NOON, NOON)
        await work.rereads.begin("new", NOON + MINUTE, NOON)
        await work.rereads.note("new", NOON + MINUTE)

        assert await work.rereads.forget_before(NOON + MINUTE) == 1
        assert await work.rereads.last("new") == NOON + MINUTE


async def test_of_many_at_once_one_begins(begin_work: BeginWork) -> None:
    async def begin() -> datetime | None:
        async with begin_work() as work:
            return await work.rereads.begin(ACME, NOON, NOON - MINUTE)

    async with asyncio.TaskGroup() as tasks:
        tries = [tasks.create_task(begin()) for _ in range(8)]

    assert sorted(task.result() is None for task in tries) == [False] * 7 + [True]
