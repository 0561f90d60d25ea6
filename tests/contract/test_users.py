"""What every `Users` does."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from application.ports.unit_of_work import BeginWork
from domain.user import GitHubId, User
from tests.builders import ADA, GRACE, a_user
from tests.fakes.clock import NOON


async def test_a_newcomer_is_stored_as_they_are(begin_work: BeginWork) -> None:
    grace = a_user(GRACE)

    async with begin_work() as work:
        returned = await work.users.remember(grace)
    async with begin_work() as work:
        found = await work.users.find(grace.id)

    assert returned == found == grace


async def test_a_known_person_keeps_id_and_joining_date_and_takes_the_latest_account(begin_work: BeginWork) -> None:
    ada = a_user(ADA)
    renamed = a_user(replace(ADA, login="ada-lovelace", email=None), at=NOON + timedelta(days=1))

    async with begin_work() as work:
        await work.users.remember(ada)
        returned = await work.users.remember(renamed)

    assert returned == replace(ada, account=renamed.account, last_login_at=renamed.last_login_at)


async def test_a_login_name_used_again_by_another_account_is_another_person(begin_work: BeginWork) -> None:
    ada, impostor = a_user(ADA), a_user(replace(GRACE, login=ADA.login, email=ADA.email))

    async with begin_work() as work:
        await work.users.remember(ada)
        returned = await work.users.remember(impostor)

    assert returned.id == impostor.id != ada.id


async def test_many_first_logins_at_once_make_one_user(begin_work: BeginWork) -> None:
    async def remember(newcomer: User) -> User:
        async with begin_work() as work:
            return await work.users.remember(newcomer)

    async with asyncio.TaskGroup() as tasks:
        logins = [tasks.create_task(remember(a_user(ADA))) for _ in range(20)]

    assert len({login.result().id for login in logins}) == 1


async def test_a_stranger_is_not_found(begin_work: BeginWork) -> None:
    async with begin_work() as work:
        assert await work.users.find(a_user().id) is None


async def test_leaving_by_an_error_undoes_the_work(begin_work: BeginWork) -> None:
    ada = a_user()

    async def fail() -> None:
        async with begin_work() as work:
            await work.users.remember(ada)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()

    async with begin_work() as work:
        assert await work.users.find(ada.id) is None


async def test_a_person_is_found_by_their_github_id(begin_work: BeginWork) -> None:
    ada = a_user(ADA)
    async with begin_work() as work:
        await work.users.remember(ada)

        assert await work.users.find_by_github_id(ADA.id) == ada
        assert await work.users.find_by_github_id(GRACE.id) is None
        # Whoever writes a hint may write any number.
        assert await work.users.find_by_github_id(GitHubId(10**30)) is None


async def test_people_are_found_by_their_ids(begin_work: BeginWork) -> None:
    ada, grace, stranger = a_user(ADA), a_user(GRACE), a_user()
    async with begin_work() as work:
        await work.users.remember(ada)
        await work.users.remember(grace)

        found = await work.users.find_all([grace.id, stranger.id, ada.id])

        assert {user.id: user for user in found} == {ada.id: ada, grace.id: grace}
        assert list(await work.users.find_all([])) == []


async def test_somebody_who_is_locked_signs_in_afterwards(begin_work: BeginWork) -> None:
    ada, later = a_user(ADA), a_user(ADA, at=NOON + timedelta(days=1))
    async with begin_work() as work:
        await work.users.remember(ada)

    async def sign_in() -> None:
        async with begin_work() as work:
            await work.users.remember(later)

    async with asyncio.TaskGroup() as tasks, begin_work() as work:
        assert await work.users.lock(ada.id) == ada
        assert await work.users.lock(a_user(GRACE).id) is None
        tasks.create_task(sign_in())
        await asyncio.sleep(0.05)
        assert await work.users.find(ada.id) == ada

    async with begin_work() as work:
        assert (await work.users.find(ada.id)) == replace(ada, last_login_at=later.last_login_at)
