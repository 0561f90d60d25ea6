"""What every `ApprovalRequests` does."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from uuid import uuid4

import pytest

from application.ports.unit_of_work import BeginWork
from domain.approval import MOVES, ApprovalMove, ApprovalRequest, ApprovalRequestId, ApprovalState
from domain.attempt import AttemptId
from domain.connection import ConnectionId
from domain.user import User
from tests.builders import ADA, GRACE, a_user
from tests.contract.connecting import ACME, GLOBEX, an_installation
from tests.fakes.clock import NOON

LATER = NOON + timedelta(hours=1)
STATES = list(ApprovalState)


@pytest.fixture
async def ada(begin_work: BeginWork) -> User:
    async with begin_work() as work:
        return await work.users.remember(a_user(ADA))


@pytest.fixture
async def grace(begin_work: BeginWork) -> User:
    async with begin_work() as work:
        return await work.users.remember(a_user(GRACE))


def a_request(user: User, name: str = "connection-1", at: datetime = NOON) -> ApprovalRequest:
    return ApprovalRequest(
        id=ApprovalRequestId(uuid4()),
        user_id=user.id,
        attempt_id=AttemptId(uuid4()),
        connection_id=ConnectionId(name),
        known=frozenset({ACME, GLOBEX}),
        state=ApprovalState.REQUESTED,
        requested_at=at,
        history=(ApprovalMove(state=ApprovalState.REQUESTED, at=at, reason="asked on GitHub"),),
    )


async def stored(begin_work: BeginWork, request: ApprovalRequest) -> ApprovalRequest | None:
    async with begin_work() as work:
        return await work.approval_requests.find_by_attempt(request.attempt_id)


async def test_a_request_is_found_by_its_attempt_and_by_its_connection(begin_work: BeginWork, ada: User) -> None:
    request = replace(a_request(ada), account_id=7, account="acme")

    async with begin_work() as work:
        await work.approval_requests.add(request)
        found = await work.approval_requests.find_by_connection(request.connection_id)
        unknown = await work.approval_requests.find_by_connection(ConnectionId("unknown"))

    assert found == request == await stored(begin_work, request)
    assert unknown is None
    assert await stored(begin_work, a_request(ada)) is None


@pytest.mark.parametrize("field", ["attempt_id", "connection_id"])
async def test_an_attempt_and_a_connection_have_one_request(begin_work: BeginWork, ada: User, field: str) -> None:
    first, second = a_request(ada), a_request(ada, "connection-2")

    async def add_two() -> None:
        async with begin_work() as work:
            await work.approval_requests.add(first)
            await work.approval_requests.add(replace(second, **{field: getattr(first, field)}))

    with pytest.raises(Exception, match=r"one_per_|one request"):
        await add_two()


async def test_a_persons_requests_are_listed_newest_first_and_the_waiting_ones_oldest_first(
    begin_work: BeginWork, ada: User, grace: User
) -> None:
    first, second, third = (a_request(ada, f"connection-{n}", NOON + timedelta(hours=n)) for n in range(3))
    expired = second.moved(ApprovalState.EXPIRED, LATER, "no answer")
    of_grace = a_request(grace, "grace", LATER)
    async with begin_work() as work:
        for request in (third, second, first, of_grace):
            await work.approval_requests.add(request)
        await work.approval_requests.move(expired)

        assert list(await work.approval_requests.of_user(ada.id)) == [third, expired, first]
        assert list(await work.approval_requests.waiting_of(ada.id)) == [first, third]
        assert list(await work.approval_requests.waiting_of(a_user().id)) == []


async def test_waiting_ones_of_everybody_are_listed_page_by_page(begin_work: BeginWork, ada: User, grace: User) -> None:
    waiting = [
        a_request((ada, grace)[number % 2], f"connection-{number}", NOON + timedelta(minutes=number))
        for number in range(5)
    ]
    expired = a_request(ada, "expired", LATER)
    async with begin_work() as work:
        for request in (expired, *reversed(waiting)):
            await work.approval_requests.add(request)
        await work.approval_requests.move(expired.moved(ApprovalState.EXPIRED, LATER, "no answer"))

        first = await work.approval_requests.waiting_after(None, 3)
        second = await work.approval_requests.waiting_after(first[-1], 3)

    assert [*first, *second] == waiting


@pytest.mark.parametrize(("before", "after"), list(product(STATES, STATES)))
async def test_only_the_moves_of_the_table_are_made(
    begin_work: BeginWork, ada: User, before: ApprovalState, after: ApprovalState
) -> None:
    request = replace(a_request(ada), state=before, history=())
    async with begin_work() as work:
        await work.approval_requests.add(request)

        moved = await work.approval_requests.move(replace(request, state=after))

    assert moved == (after in MOVES[before])
    assert await stored(begin_work, request) == replace(request, state=after if moved else before)


async def test_a_move_stores_the_answer_and_adds_to_the_history(begin_work: BeginWork, ada: User) -> None:
    request = a_request(ada)
    expired = request.moved(ApprovalState.EXPIRED, LATER, "no answer")
    approved = expired.approved(an_installation(5), LATER)
    async with begin_work() as work:
        await work.approval_requests.add(request)

        assert await work.approval_requests.move(expired)
        assert await work.approval_requests.find_by_attempt(request.attempt_id) == expired
        assert await work.approval_requests.move(approved)

    assert await stored(begin_work, request) == approved
    assert [line.state for line in approved.history] == ["requested", "expired", "approved"]


async def test_a_late_answer_by_one_who_had_not_heard_of_the_end_keeps_that_in_the_history(
    begin_work: BeginWork, ada: User
) -> None:
    request = a_request(ada)
    async with begin_work() as work:
        await work.approval_requests.add(request)
        await work.approval_requests.move(request.moved(ApprovalState.EXPIRED, LATER, "no answer"))

        assert await work.approval_requests.move(request.approved(an_installation(5), LATER))

    found = await stored(begin_work, request)
    assert found is not None
    assert [line.state for line in found.history] == ["requested", "expired", "approved"]


async def test_an_unknown_request_is_not_moved(begin_work: BeginWork, ada: User) -> None:
    async with begin_work() as work:
        assert not await work.approval_requests.move(a_request(ada).approved(an_installation(5), LATER))


async def test_of_many_who_make_a_move_at_once_one_made_it(begin_work: BeginWork, ada: User) -> None:
    request = a_request(ada)
    async with begin_work() as work:
        await work.approval_requests.add(request)

    async def move(state: ApprovalState) -> bool:
        async with begin_work() as work:
            return await work.approval_requests.move(request.moved(state, LATER, "at once"))

    async with asyncio.TaskGroup() as tasks:
        states = (ApprovalState.APPROVED, ApprovalState.APPROVED)
        moves = [tasks.create_task(move(state)) for state in states for _ in range(5)]

    assert sum(task.result() for task in moves) == 1
    found = await stored(begin_work, request)
    assert found is not None
    assert [line.state for line in found.history] == ["requested", found.state]
