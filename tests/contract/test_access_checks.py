"""What every `AccessChecks` does."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from application.ports.access_checks import AccessCheck
from application.ports.unit_of_work import BeginWork, UnitOfWork
from domain.user import GitHubId, User, UserId
from tests.builders import ADA, GRACE, a_user
from tests.contract.connecting import ACME, GLOBEX, a_proof, an_installation
from tests.fakes.clock import NOON

MINUTE = timedelta(minutes=1)
LATER = NOON + MINUTE
LATEST = LATER + MINUTE


@pytest.fixture
async def ada(begin_work: BeginWork) -> User:
    async with begin_work() as work:
        return await work.users.remember(a_user(ADA))


@pytest.fixture
async def grace(begin_work: BeginWork) -> User:
    async with begin_work() as work:
        return await work.users.remember(a_user(GRACE))


async def claimed(work: UnitOfWork, at: datetime = NOON, limit: int = 10) -> list[UserId]:
    return [check.user_id for check in await work.access_checks.claim(at, at + MINUTE, limit)]


async def test_what_is_due_is_claimed_the_longest_due_first(begin_work: BeginWork, ada: User, grace: User) -> None:
    async with begin_work() as work:
        await work.access_checks.want(ada.id, LATER)
        await work.access_checks.want(grace.id, NOON)

        assert list(await work.access_checks.claim(NOON - MINUTE, NOON, 10)) == []
        assert list(await work.access_checks.claim(LATER, LATEST, 1)) == [
            AccessCheck(user_id=grace.id, due_at=NOON, until=LATEST)
        ]
        assert list(await work.access_checks.claim(LATER, LATEST, 10)) == [
            AccessCheck(user_id=ada.id, due_at=LATER, until=LATEST)
        ]


async def test_the_earliest_time_that_was_wanted_counts(begin_work: BeginWork, ada: User) -> None:
    async with begin_work() as work:
        for at in (LATER, NOON, LATEST):
            await work.access_checks.want(ada.id, at)

        assert [check.due_at for check in await work.access_checks.claim(LATEST, LATEST, 10)] == [NOON]


async def test_a_claimed_one_is_nobody_elses_until_its_lease_ends(begin_work: BeginWork, ada: User) -> None:
    async with begin_work() as work:
        await work.access_checks.want(ada.id, NOON)

        assert await claimed(work) == [ada.id]
        assert await claimed(work, LATER - timedelta(microseconds=1)) == []
        assert await claimed(work, LATER) == [ada.id]


async def test_of_many_who_claim_at_once_each_gets_others(begin_work: BeginWork, ada: User, grace: User) -> None:
    async with begin_work() as work:
        for user in (ada, grace):
            await work.access_checks.want(user.id, NOON)

    async def claim() -> list[UserId]:
        async with begin_work() as work:
            return await claimed(work, limit=1)

    async with asyncio.TaskGroup() as tasks:
        claims = [tasks.create_task(claim()) for _ in range(8)]

    assert sorted(user_id for claim in claims for user_id in claim.result()) == sorted([ada.id, grace.id])


async def test_one_that_is_done_is_due_next_at_the_given_time_or_never(
    begin_work: BeginWork, ada: User, grace: User
) -> None:
    async with begin_work() as work:
        for user in (ada, grace):
            await work.access_checks.want(user.id, NOON)
        checks = {check.user_id: check for check in await work.access_checks.claim(NOON, LATER, 10)}

        await work.access_checks.done(checks[ada.id], LATEST)
        await work.access_checks.done(checks[grace.id], None)

        assert await claimed(work, LATEST - timedelta(microseconds=1)) == []
        assert await claimed(work, LATEST) == [ada.id]
        await work.access_checks.want(grace.id, LATEST)
        assert await claimed(work, LATEST) == [grace.id]


@pytest.mark.parametrize("next_due_at", [None, NOON + 100 * MINUTE])
async def test_what_was_wanted_meanwhile_stands(begin_work: BeginWork, ada: User, next_due_at: datetime | None) -> None:
    async with begin_work() as work:
        await work.access_checks.want(ada.id, NOON)
        [check] = await work.access_checks.claim(NOON, LATER, 10)
        for at in (LATEST, LATER, LATEST):
            await work.access_checks.want(ada.id, at)

        await work.access_checks.done(check, next_due_at)

        assert await claimed(work, NOON) == []
        assert [again.due_at for again in await work.access_checks.claim(LATEST, LATEST, 10)] == [LATER]


async def test_what_is_wanted_for_later_than_the_next_time_changes_nothing(begin_work: BeginWork, ada: User) -> None:
    async with begin_work() as work:
        await work.access_checks.want(ada.id, NOON)
        [check] = await work.access_checks.claim(NOON, LATER, 10)
        await work.access_checks.want(ada.id, LATEST)

        await work.access_checks.done(check, LATER)

        assert [again.due_at for again in await work.access_checks.claim(LATEST, LATEST, 10)] == [LATER]


async def test_a_claim_covers_what_was_wanted_before_it(begin_work: BeginWork, ada: User) -> None:
    async with begin_work() as work:
        await work.access_checks.want(ada.id, NOON)
        await work.access_checks.claim(NOON, LATER, 10)
        await work.access_checks.want(ada.id, NOON)
        [check] = await work.access_checks.claim(LATER, LATEST, 10)

        await work.access_checks.done(check, None)

        assert await claimed(work, LATEST) == []


async def test_who_lost_the_lease_gives_nothing_back(begin_work: BeginWork, ada: User) -> None:
    async with begin_work() as work:
        await work.access_checks.want(ada.id, NOON)
        [slow] = await work.access_checks.claim(NOON, LATER, 10)
        [quick] = await work.access_checks.claim(LATER, LATEST, 10)

        await work.access_checks.done(slow, NOON)
        assert await claimed(work, LATER) == []

        await work.access_checks.done(quick, NOON)
        assert await claimed(work, LATER) == [ada.id]


async def test_everybody_with_a_proof_on_an_installation_is_wanted(
    begin_work: BeginWork, ada: User, grace: User
) -> None:
    async with begin_work() as work:
        stranger = await work.users.remember(a_user(replace(ADA, id=GitHubId(3))))
        for number in (ACME, GLOBEX):
            await work.installations.remember(an_installation(number))
        for user in (ada, grace):
            await work.grants.record(a_proof(user), [])
        await work.grants.record(a_proof(stranger, GLOBEX), [])
        await work.access_checks.want(ada.id, NOON - MINUTE)

        assert await work.access_checks.want_all_on(ACME, NOON) == 2

        checks = await work.access_checks.claim(NOON, LATER, 10)
        assert [(check.user_id, check.due_at) for check in checks] == [(ada.id, NOON - MINUTE), (grace.id, NOON)]
