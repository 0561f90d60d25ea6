"""What every `SignInCodes` does."""

import asyncio
from datetime import timedelta

import pytest

from application.ports.unit_of_work import BeginWork
from domain.session import SignInCode
from domain.user import User
from tests.builders import a_code, a_user
from tests.fakes.clock import NOON


@pytest.fixture
async def ada(begin_work: BeginWork) -> User:
    async with begin_work() as work:
        return await work.users.remember(a_user())


async def test_of_many_who_redeem_a_code_at_once_one_gets_it(begin_work: BeginWork, ada: User) -> None:
    code = a_code(ada)
    async with begin_work() as work:
        await work.sign_in_codes.add(code)

    async def redeem() -> SignInCode | None:
        async with begin_work() as work:
            return await work.sign_in_codes.redeem(code.hash)

    async with asyncio.TaskGroup() as tasks:
        redeemed = [tasks.create_task(redeem()) for _ in range(20)]

    assert [task.result() for task in redeemed if task.result()] == [code]


async def test_expired_codes_are_forgotten(begin_work: BeginWork, ada: User) -> None:
    old, young = a_code(ada, "old"), a_code(ada, "young", at=NOON + timedelta(minutes=5))
    async with begin_work() as work:
        await work.sign_in_codes.add(old)
        await work.sign_in_codes.add(young)

        assert await work.sign_in_codes.forget_before(NOON + timedelta(minutes=2)) == 1
        assert await work.sign_in_codes.redeem(old.hash) is None
        assert await work.sign_in_codes.redeem(young.hash) == young
