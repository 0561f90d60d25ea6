"""What every `Sessions` does."""

from datetime import timedelta

import pytest

from application.ports.unit_of_work import BeginWork
from domain.secret import Secret
from domain.user import User
from tests.builders import a_session, a_user
from tests.fakes.clock import NOON

COOKIE = Secret("cookie")
DAYS_30 = timedelta(days=30)


@pytest.fixture
async def ada(begin_work: BeginWork) -> User:
    async with begin_work() as work:
        return await work.users.remember(a_user())


async def test_a_session_is_found_by_id_and_by_the_hash_of_its_secret(begin_work: BeginWork, ada: User) -> None:
    session, without_cookie = a_session(ada, secret=COOKIE), a_session(ada)

    async with begin_work() as work:
        await work.sessions.add(session)
        await work.sessions.add(without_cookie)
        assert await work.sessions.find(session.id, NOON) == session
        assert await work.sessions.find(without_cookie.id, NOON) == without_cookie
        assert await work.sessions.find_by_secret(COOKIE.hash, NOON) == session
        assert await work.sessions.find_by_secret(Secret("guessed").hash, NOON) is None


async def test_a_session_ends_with_its_time(begin_work: BeginWork, ada: User) -> None:
    session = a_session(ada, secret=COOKIE)
    just_before = session.expires_at - timedelta(microseconds=1)

    async with begin_work() as work:
        await work.sessions.add(session)
        assert await work.sessions.find(session.id, just_before) == session
        assert await work.sessions.find_by_secret(COOKIE.hash, just_before) == session
        assert await work.sessions.find(session.id, session.expires_at) is None
        assert await work.sessions.find_by_secret(COOKIE.hash, session.expires_at) is None


async def test_an_ended_session_is_gone_at_once_and_may_be_ended_again(begin_work: BeginWork, ada: User) -> None:
    session, other = a_session(ada, secret=COOKIE), a_session(ada)
    async with begin_work() as work:
        await work.sessions.add(session)
        await work.sessions.add(other)

        await work.sessions.end(session.id)
        await work.sessions.end(session.id)

        assert await work.sessions.find(session.id, NOON) is None
        assert await work.sessions.find_by_secret(COOKIE.hash, NOON) is None
        assert await work.sessions.find(other.id, NOON) == other


async def test_expired_sessions_are_forgotten(begin_work: BeginWork, ada: User) -> None:
    old, young = a_session(ada), a_session(ada, at=NOON + timedelta(days=2))
    async with begin_work() as work:
        await work.sessions.add(old)
        await work.sessions.add(young)

        assert await work.sessions.forget_before(NOON + DAYS_30 + timedelta(days=1)) == 1
        assert await work.sessions.find(young.id, NOON) == young
