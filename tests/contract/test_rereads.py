"""Readings because of hints, in memory and in PostgreSQL."""

from datetime import timedelta

from application.ports.unit_of_work import BeginWork
from tests.builders import NOON

MINUTE = timedelta(minutes=1)


async def test_what_was_never_read_has_no_last_time(begin_work: BeginWork) -> None:
    async with begin_work() as work:
        assert await work.rereads.last("installation 5001") is None


async def test_the_latest_reading_counts_whatever_the_order(begin_work: BeginWork) -> None:
    async with begin_work() as work:
        await work.rereads.note("installation 5001", NOON + MINUTE)
        await work.rereads.note("installation 5001", NOON)
        await work.rereads.note("installation 5002", NOON)

        assert await work.rereads.last("installation 5001") == NOON + MINUTE


async def test_what_is_older_than_the_moment_is_forgotten(begin_work: BeginWork) -> None:
    async with begin_work() as work:
        await work.rereads.note("old", NOON)
        await work.rereads.note("new", NOON + MINUTE)

        assert await work.rereads.forget_before(NOON + MINUTE) == 1
        assert await work.rereads.last("old") is None
        assert await work.rereads.last("new") == NOON + MINUTE
