"""What every `LoginFeed` does, with the store that announces."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import ExitStack
from dataclasses import replace
from uuid import uuid4

import pytest

from adapters.postgres.login_feed import MOST_WATCHES_OF_ONE, PostgresLoginFeed
from adapters.postgres.pool import create_pool
from adapters.postgres.unit_of_work import BeginPostgresWork
from application.ports.login_feed import LoginFeed, LoginNews
from application.ports.unit_of_work import BeginWork
from domain.approval import ApprovalRequest, ApprovalRequestId, ApprovalState
from domain.attempt import Attempt, AttemptId, AttemptState, Door, LinkOutcome, Purpose
from domain.connection import ConnectionId
from domain.secret import Secret
from domain.user import UserId
from tests.builders import a_user, an_attempt
from tests.fakes.clock import NOON
from tests.fakes.login_feed import FakeLoginFeed
from tests.fakes.unit_of_work import BeginInMemoryWork

SOON = 5.0
AT_ONCE = 0.2
ATTEMPT = replace(
    Attempt.open_for_connect_ui(AttemptId(uuid4()), secret=Secret("secret"), session_token=Secret("token"), at=NOON),
    socket_id="socket-1",
).passing(NOON)


@pytest.fixture(params=["in_memory", pytest.param("postgres", marks=pytest.mark.postgres)])
def conninfo(request: pytest.FixtureRequest) -> str | None:
    return None if request.param == "in_memory" else request.getfixturevalue("database_url")


@pytest.fixture
async def pair(conninfo: str | None) -> AsyncGenerator[tuple[BeginWork, LoginFeed], None]:
    if conninfo is None:
        work = BeginInMemoryWork()
        yield work, work.login_feed
        return
    feed = PostgresLoginFeed(conninfo)
    async with create_pool(conninfo, max_size=2) as pool, feed.listening():
        await feed.is_listening.wait()
        yield BeginPostgresWork(pool), feed


Pair = tuple[BeginWork, LoginFeed]


@pytest.mark.parametrize("key", [pytest.param(str(ATTEMPT.id), id="attempt"), pytest.param("socket-1", id="socket")])
async def test_who_watches_the_attempt_or_its_socket_hears_of_its_end(pair: Pair, key: str) -> None:
    begin_work, feed = pair
    connection_id = ConnectionId("connection-1")

    with feed.watching([key, "another"]) as watch:
        async with begin_work() as work:
            await work.attempts.add(ATTEMPT)
            await work.attempts.move(ATTEMPT.finished(UserId(ATTEMPT.id), connection_id))
        news = await watch.next(SOON)

    assert news == LoginNews(attempt_id=ATTEMPT.id, socket_id="socket-1", connection_id=connection_id, is_finished=True)


async def test_a_failure_is_news_too(pair: Pair) -> None:
    begin_work, feed = pair

    with feed.watching([str(ATTEMPT.id)]) as watch:
        async with begin_work() as work:
            await work.attempts.add(ATTEMPT)
            await work.attempts.move(ATTEMPT.moved(AttemptState.FAILED))
        news = await watch.next(SOON)

    assert news is not None
    assert not news.is_finished


@pytest.mark.parametrize("outcome", LinkOutcome)
async def test_a_link_attempt_is_news_by_either_door(pair: Pair, outcome: LinkOutcome) -> None:
    begin_work, feed = pair
    link = replace(an_attempt(), purpose=Purpose.LINK, user_id=UserId(uuid4())).passing(NOON)
    assert link.door is Door.REDIRECT

    with feed.watching([str(link.id)]) as watch:
        async with begin_work() as work:
            await work.attempts.add(link)
            await work.attempts.move(link.linked(ConnectionId("connection-1"), outcome))
        news = await watch.next(SOON)

    assert news is not None
    assert news.is_finished
    assert news.purpose is Purpose.LINK
    assert news.is_pending == (outcome is LinkOutcome.PENDING_APPROVAL)


async def test_who_watches_an_attempt_hears_what_became_of_its_approval_request(pair: Pair) -> None:
    begin_work, feed = pair
    ada = a_user()
    request = ApprovalRequest(
        id=ApprovalRequestId(uuid4()),
        user_id=ada.id,
        attempt_id=AttemptId(uuid4()),
        connection_id=ConnectionId("connection-1"),
        known=frozenset(),
        state=ApprovalState.REQUESTED,
        requested_at=NOON,
    )

    with feed.watching([str(request.attempt_id)]) as watch:
        async with begin_work() as work:
            await work.users.remember(ada)
            await work.approval_requests.add(request)
            await work.approval_requests.move(request.moved(ApprovalState.EXPIRED, NOON, "no answer"))
            # Only one who makes the move tells of it.
            await work.approval_requests.move(request.moved(ApprovalState.EXPIRED, NOON, "too late"))
        news = await watch.next(SOON)
        nothing_else = await watch.next(AT_ONCE)

    assert news == LoginNews(
        attempt_id=request.attempt_id,
        socket_id=None,
        connection_id=request.connection_id,
        is_finished=True,
        purpose=Purpose.LINK,
    )
    assert nothing_else is None


async def test_nothing_is_heard_of_others_of_the_redirect_door_and_of_what_was_rolled_back(pair: Pair) -> None:
    begin_work, feed = pair
    redirected = an_attempt().passing(NOON)
    assert redirected.door is Door.REDIRECT

    with feed.watching([str(redirected.id), "socket-2"]) as watch:
        async with begin_work() as work:
            for attempt in (ATTEMPT, redirected):
                await work.attempts.add(attempt)
                await work.attempts.move(attempt.moved(AttemptState.FAILED))

        assert await watch.next(AT_ONCE) is None


async def test_a_watch_ends_with_its_block(pair: Pair) -> None:
    begin_work, feed = pair
    with feed.watching([str(ATTEMPT.id)]) as watch:
        pass

    async with begin_work() as work:
        await work.attempts.add(ATTEMPT)
        await work.attempts.move(ATTEMPT.moved(AttemptState.FAILED))

    assert await watch.next(AT_ONCE) is None


async def test_there_is_room_for_a_few_watches_of_one_key(pair: Pair) -> None:
    _, feed = pair

    with ExitStack() as watches:
        for _ in range(MOST_WATCHES_OF_ONE):
            assert feed.has_room(["crowded", "another"])
            watches.enter_context(feed.watching(["crowded"]))
        assert not feed.has_room(["crowded", "another"])
        assert feed.has_room(["another"])

    assert feed.has_room(["crowded"])


async def test_nobody_waits_once_it_has_ended(pair: Pair) -> None:
    _, feed = pair
    assert isinstance(feed, PostgresLoginFeed | FakeLoginFeed)
    with feed.watching(["socket-1"]) as watch:
        async with asyncio.TaskGroup() as tasks, asyncio.timeout(SOON):
            waiting = tasks.create_task(watch.next(60))
            await asyncio.sleep(0)
            feed.end()
        assert waiting.result() is None
        assert await watch.next(60) is None
    assert feed.has_ended()
