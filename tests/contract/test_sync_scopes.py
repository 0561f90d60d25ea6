"""What every `SyncScopes` does."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from application.ports.sync_scopes import SyncScope
from application.ports.unit_of_work import BeginWork, UnitOfWork
from domain.freshness import Arrangement
from domain.installation import InstallationId
from domain.repository import RepositoryId
from tests.contract.connecting import ACME, GLOBEX
from tests.fakes.clock import NOON

MINUTE = timedelta(minutes=1)
LATER = NOON + MINUTE
LATEST = LATER + MINUTE
ONE, TWO = RepositoryId(1), RepositoryId(2)


async def claimed(work: UnitOfWork, at: datetime = NOON, limit: int = 10) -> list[InstallationId]:
    return [scope.installation_id for scope in await work.sync_scopes.claim(at, at + MINUTE, limit)]


async def test_what_is_due_is_claimed_the_longest_due_first(begin_work: BeginWork) -> None:
    async with begin_work() as work:
        await work.sync_scopes.want(ACME, LATER)
        await work.sync_scopes.want(GLOBEX, NOON)

        assert await claimed(work, NOON - MINUTE) == []
        assert list(await work.sync_scopes.claim(LATER, LATEST, 1)) == [SyncScope(installation_id=GLOBEX, until=LATEST)]
        assert await claimed(work, LATER) == [ACME]


async def test_the_earliest_time_that_was_wanted_counts(begin_work: BeginWork) -> None:
    async with begin_work() as work:
        for at in (LATER, NOON, LATEST):
            await work.sync_scopes.want(ACME, at)

        assert await claimed(work, NOON) == [ACME]


async def test_what_was_told_can_be_forgotten_also_while_it_is_told(begin_work: BeginWork) -> None:
    async with begin_work() as work:
        await work.sync_scopes.forget_told(ACME, NOON)
        assert await claimed(work) == []
        await work.sync_scopes.want(ACME, NOON)
        (scope,) = await work.sync_scopes.claim(NOON, LATEST, 1)

        await work.sync_scopes.forget_told(ACME, NOON)
        await work.sync_scopes.done(replace(scope, told="all", told_at=NOON), LATEST)

        (again,) = await work.sync_scopes.claim(NOON, LATER, 1)
        assert again.told is None
        await work.sync_scopes.done(replace(again, told="all", told_at=NOON), LATER)
        await work.sync_scopes.forget_told(ACME, NOON)
        (last,) = await work.sync_scopes.claim(NOON, LATEST, 1)
        assert (last.told, last.told_at) == (None, None)


async def test_what_was_told_is_there_the_next_time(begin_work: BeginWork) -> None:
    async with begin_work() as work:
        await work.sync_scopes.want(ACME, NOON)
        [scope] = await work.sync_scopes.claim(NOON, LATER, 1)

        told = replace(scope, told="all of them", told_at=NOON, error="but")
        await work.sync_scopes.done(told, LATER)

        assert await claimed(work, NOON) == []
        assert list(await work.sync_scopes.claim(LATER, LATEST, 1)) == [replace(told, until=LATEST)]


async def test_a_claimed_one_is_nobody_elses_until_its_lease_ends(begin_work: BeginWork) -> None:
    async with begin_work() as work:
        await work.sync_scopes.want(ACME, NOON)
        [first] = await work.sync_scopes.claim(NOON, LATER, 1)

        assert await claimed(work, NOON) == []
        [second] = await work.sync_scopes.claim(LATER, LATEST, 1)
        await work.sync_scopes.done(replace(first, told="late"), LATEST)
        await work.sync_scopes.done(replace(second, told="second"), LATEST)

        assert [one.told for one in await work.sync_scopes.claim(LATEST, LATEST + MINUTE, 1)] == ["second"]


async def test_what_is_wanted_while_it_is_looked_at_comes_after_it(begin_work: BeginWork) -> None:
    async with begin_work() as work:
        await work.sync_scopes.want(ACME, NOON)
        [scope] = await work.sync_scopes.claim(NOON, LATEST, 1)

        await work.sync_scopes.want(ACME, NOON)
        assert await claimed(work, LATER) == []
        await work.sync_scopes.done(scope, LATEST)

        assert await claimed(work, NOON) == [ACME]


async def test_what_was_wanted_before_a_lease_ran_out_is_done_by_the_next(begin_work: BeginWork) -> None:
    async with begin_work() as work:
        await work.sync_scopes.want(ACME, NOON)
        await work.sync_scopes.claim(NOON, LATER, 1)
        await work.sync_scopes.want(ACME, NOON)

        [scope] = await work.sync_scopes.claim(LATER, LATEST, 1)
        await work.sync_scopes.done(scope, LATEST + MINUTE)

        assert await claimed(work, LATEST) == []


async def test_two_processes_never_get_the_same(begin_work: BeginWork) -> None:
    async with begin_work() as work:
        for number in range(20):
            await work.sync_scopes.want(InstallationId(number), NOON)

    async def claim() -> list[InstallationId]:
        async with begin_work() as work:
            return await claimed(work, limit=7)

    got = [one for batch in await asyncio.gather(*(claim() for _ in range(3))) for one in batch]
    assert len(got) == len(set(got))


async def test_those_that_could_not_be_arranged_are_listed_until_they_were(begin_work: BeginWork) -> None:
    async with begin_work() as work:
        for installation_id in (GLOBEX, ACME):
            await work.sync_scopes.want(installation_id, NOON)
        for scope in await work.sync_scopes.claim(NOON, LATER, 2):
            await work.sync_scopes.done(replace(scope, error=f"away {scope.installation_id}"), LATER)
        assert list(await work.sync_scopes.failures(2)) == [(ACME, "away 71"), (GLOBEX, "away 72")]
        assert len(await work.sync_scopes.failures(1)) == 1
        assert await work.sync_scopes.arrangement_of(ACME, ONE) == Arrangement(error="away 71")
        assert await work.sync_scopes.arrangement_of(InstallationId(4711), ONE) == Arrangement()

        for scope in await work.sync_scopes.claim(LATER, LATEST, 2):
            await work.sync_scopes.done(replace(scope, error=None), LATEST)

        assert list(await work.sync_scopes.failures(2)) == []
        assert await work.sync_scopes.arrangement_of(ACME, ONE) == Arrangement()


async def test_since_when_a_repository_is_read_is_kept_until_it_is_not(begin_work: BeginWork) -> None:
    async def told(at: datetime, *repository_ids: RepositoryId) -> list[datetime | None]:
        async with begin_work() as work:
            await work.sync_scopes.tell(ACME, repository_ids, at)
        async with begin_work(atomic=False) as work:
            found = [await work.sync_scopes.arrangement_of(ACME, one) for one in (ONE, TWO)]
            assert await work.sync_scopes.arrangement_of(GLOBEX, ONE) == Arrangement(told_since=NOON - MINUTE)
        return [one.told_since for one in found]

    async with begin_work() as work:
        await work.sync_scopes.tell(GLOBEX, [ONE], NOON - MINUTE)

    async def has_news() -> list[bool]:
        async with begin_work(atomic=False) as work:
            return [await work.sync_scopes.has_news(ACME, ids) for ids in ([ONE], [ONE, TWO], [])]

    assert await has_news() == [True, True, False]
    assert await told(NOON, ONE) == [NOON, None]
    assert await has_news() == [False, True, False]
    assert await told(LATER, TWO, ONE) == [NOON, LATER]
    assert await told(LATEST, TWO) == [None, LATER]
    assert await told(LATEST, ONE, TWO) == [LATEST, LATER]
    assert await told(LATEST) == [None, None]
