"""What every `Attempts` does."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import product
from uuid import uuid4

import pytest

from application.ports.unit_of_work import BeginWork
from domain.attempt import (
    LIFETIME,
    MOVES,
    Attempt,
    AttemptId,
    AttemptState,
    Door,
    LinkOutcome,
    PendingAuthorization,
    ProviderAnswer,
    Purpose,
)
from domain.connection import ConnectionId
from domain.installation import InstallationId
from domain.return_to import ReturnTo
from domain.secret import Secret
from domain.user import UserId
from tests.builders import an_attempt
from tests.fakes.clock import NOON

STATES = list(AttemptState)


async def stored(begin_work: BeginWork, attempt: Attempt) -> Attempt | None:
    async with begin_work() as work:
        return await work.attempts.find(attempt.id)


async def test_an_attempt_is_found_by_id_and_by_the_hash_of_its_state(begin_work: BeginWork) -> None:
    attempt = an_attempt(return_to=ReturnTo("https://app.test/in", "c" * 43))

    async with begin_work() as work:
        await work.attempts.add(attempt)
        found = await work.attempts.find_by_state(Secret(f"state of {attempt.id}").hash)
        unknown = await work.attempts.find_by_state(Secret("made up").hash)

    assert found == attempt == await stored(begin_work, attempt)
    assert unknown is None


async def test_an_unknown_attempt_is_neither_found_nor_moved(begin_work: BeginWork) -> None:
    async with begin_work() as work:
        assert await work.attempts.find(AttemptId(uuid4())) is None
        assert not await work.attempts.move(an_attempt().passing(NOON))


@pytest.mark.parametrize(("before", "after"), list(product(STATES, STATES)))
async def test_only_the_moves_of_the_table_are_made(
    begin_work: BeginWork, before: AttemptState, after: AttemptState
) -> None:
    attempt = replace(an_attempt(), state=before)

    async with begin_work() as work:
        await work.attempts.add(attempt)
        moved = await work.attempts.move(attempt.moved(after))

    found = await stored(begin_work, attempt)
    assert found is not None
    assert moved == (after in MOVES[before])
    assert found.state is (after if moved else before)


async def test_a_move_stores_lease_user_and_connection(begin_work: BeginWork) -> None:
    attempt = an_attempt()
    passing = attempt.passing(NOON)
    finished = passing.finished(UserId(uuid4()), ConnectionId("connection-1"))

    async with begin_work() as work:
        await work.attempts.add(attempt)
        await work.attempts.move(passing)
    assert await stored(begin_work, attempt) == passing
    async with begin_work() as work:
        await work.attempts.move(finished)

    assert await stored(begin_work, attempt) == finished


@pytest.mark.parametrize("state", STATES)
async def test_a_lease_is_taken_by_one_at_a_time_and_only_while_there_is_work(
    begin_work: BeginWork, state: AttemptState
) -> None:
    attempt = replace(an_attempt(), state=state)
    later = NOON + timedelta(seconds=20)
    async with begin_work() as work:
        await work.attempts.add(attempt)

        taken = [
            await work.attempts.lease(attempt.id, NOON, later),
            await work.attempts.lease(attempt.id, later - timedelta(seconds=1), later),
            await work.attempts.lease(attempt.id, later, later + timedelta(seconds=20)),
        ]

    is_leasable = state in {AttemptState.PASSING, AttemptState.FAILING}
    assert taken == [is_leasable, False, is_leasable]


async def test_an_attempt_at_rest_is_neither_leased_nor_swept(begin_work: BeginWork) -> None:
    attempt = replace(an_attempt(), state=AttemptState.FAILING)
    later = NOON + timedelta(minutes=1)
    async with begin_work() as work:
        await work.attempts.add(attempt)

        await work.attempts.rest(attempt.id, later)

        assert not await work.attempts.lease(attempt.id, NOON, later)
        assert list(await work.attempts.to_sweep(NOON, limit=10)) == []
        assert [swept.id for swept in await work.attempts.to_sweep(later, limit=10)] == [attempt.id]


async def test_of_many_who_make_a_move_at_once_one_made_it(begin_work: BeginWork) -> None:
    attempt = an_attempt()
    async with begin_work() as work:
        await work.attempts.add(attempt)

    async def move() -> bool:
        async with begin_work() as work:
            return await work.attempts.move(attempt.passing(NOON))

    async with asyncio.TaskGroup() as tasks:
        moves = [tasks.create_task(move()) for _ in range(20)]

    assert sum(task.result() for task in moves) == 1


async def test_failing_ones_and_expired_passing_ones_are_to_be_swept_oldest_first(begin_work: BeginWork) -> None:
    now = NOON + LIFETIME
    failing = replace(an_attempt(at=NOON + timedelta(minutes=1)), state=AttemptState.FAILING)
    passing = replace(an_attempt(), state=AttemptState.PASSING)
    young = replace(an_attempt(at=NOON + timedelta(seconds=1)), state=AttemptState.PASSING)
    others = [replace(an_attempt(), state=state) for state in STATES if state not in {failing.state, passing.state}]

    async with begin_work() as work:
        for attempt in (failing, passing, young, *others):
            await work.attempts.add(attempt)
        assert list(await work.attempts.to_sweep(now, limit=10)) == [passing, failing]
        assert list(await work.attempts.to_sweep(now, limit=1)) == [passing]


async def test_old_attempts_are_forgotten_unless_they_are_to_be_swept(begin_work: BeginWork) -> None:
    attempts = [replace(an_attempt(), state=state) for state in STATES]
    young = an_attempt(at=NOON + timedelta(seconds=2))
    async with begin_work() as work:
        for attempt in (*attempts, young):
            await work.attempts.add(attempt)

        count = await work.attempts.forget_before(NOON + LIFETIME + timedelta(seconds=1))

    left = {attempt.state for attempt in attempts if await stored(begin_work, attempt)}
    assert left == {AttemptState.PASSING, AttemptState.FAILING}
    assert count == len(STATES) - 2
    assert await stored(begin_work, young) == young


@pytest.mark.parametrize("state", STATES)
async def test_only_an_open_attempt_is_aimed(begin_work: BeginWork, state: AttemptState) -> None:
    attempt = replace(an_attempt(), state=state)
    authorization = PendingAuthorization(state="newer", cookie=None)
    aimed = attempt.aimed(Secret("newer"), authorization, "socket-1")
    async with begin_work() as work:
        await work.attempts.add(attempt)

        is_aimed = await work.attempts.aim(aimed)

    assert is_aimed == (state is AttemptState.OPEN)
    assert await stored(begin_work, attempt) == (aimed if is_aimed else attempt)


async def test_several_are_found_at_once_newest_first(begin_work: BeginWork) -> None:
    older, newer = an_attempt(), an_attempt(at=NOON + timedelta(seconds=1))
    async with begin_work() as work:
        await work.attempts.add(older)
        await work.attempts.add(newer)

        found = await work.attempts.find_all([older.id, newer.id, AttemptId(uuid4())])
        nothing = await work.attempts.find_all([])

    assert list(found) == [newer, older]
    assert list(nothing) == []


async def test_when_it_was_first_asked_for_is_kept(begin_work: BeginWork) -> None:
    attempt = an_attempt()
    async with begin_work() as work:
        await work.attempts.add(attempt)

        await work.attempts.note_asked(attempt.id, NOON)
        await work.attempts.note_asked(attempt.id, NOON + timedelta(seconds=5))

    assert await stored(begin_work, attempt) == replace(attempt, asked_at=NOON)


async def test_an_attempt_through_connect_ui_is_kept_as_it_is(begin_work: BeginWork) -> None:
    attempt = Attempt.open_for_connect_ui(
        AttemptId(uuid4()), secret=Secret("secret"), session_token=Secret("token"), at=NOON
    )
    async with begin_work() as work:
        await work.attempts.add(attempt)

    assert await stored(begin_work, attempt) == attempt


async def test_a_link_attempt_is_its_users_from_the_start_and_keeps_claim_and_outcome(begin_work: BeginWork) -> None:
    ada = UserId(uuid4())
    attempt = Attempt.open(
        AttemptId(uuid4()),
        secret=Secret("secret"),
        state=Secret("state"),
        authorization=PendingAuthorization(state="nango", cookie=None),
        return_to=ReturnTo("/"),
        at=NOON,
        for_user=ada,
    )
    passing = attempt.passing(NOON, ProviderAnswer(claim=InstallationId(10**17), is_request=True))
    linked = passing.linked(ConnectionId("connection-1"), LinkOutcome.PENDING_APPROVAL)

    async with begin_work() as work:
        await work.attempts.add(attempt)
    assert await stored(begin_work, attempt) == attempt
    async with begin_work() as work:
        await work.attempts.move(passing)
    assert await stored(begin_work, attempt) == passing
    async with begin_work() as work:
        await work.attempts.move(linked)

    assert await stored(begin_work, attempt) == linked
    assert linked.user_id == ada


async def test_a_session_token_is_told_to_be_a_link_attempts(begin_work: BeginWork) -> None:
    of_login, of_link, unknown = Secret("a login's token"), Secret("a link's token"), Secret("made up")
    for token, user_id in ((of_login, None), (of_link, UserId(uuid4()))):
        attempt = Attempt.open_for_connect_ui(
            AttemptId(uuid4()), secret=Secret("secret"), session_token=token, at=NOON, for_user=user_id
        )
        async with begin_work() as work:
            await work.attempts.add(attempt)

    async with begin_work() as work:
        told = [await work.attempts.is_token_of_link(token.hash) for token in (of_login, of_link, unknown)]

    assert told == [False, True, False]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("door", Door)
async def test_link_attempts_are_swept_and_forgotten_as_login_attempts_are(
    begin_work: BeginWork, state: AttemptState, door: Door
) -> None:
    login = replace(an_attempt(), state=state, door=door)
    link = replace(
        an_attempt(at=NOON + timedelta(seconds=1)),
        state=state,
        door=door,
        purpose=Purpose.LINK,
        user_id=UserId(uuid4()),
    )
    later = NOON + 2 * LIFETIME
    async with begin_work() as work:
        for attempt in (login, link):
            await work.attempts.add(attempt)

        swept = list(await work.attempts.to_sweep(later, limit=10))
        forgotten = await work.attempts.forget_before(later)

    assert swept in ([], [login, link])
    assert len(swept) + forgotten == 2


async def test_a_persons_link_attempts_are_listed_newest_first(begin_work: BeginWork) -> None:
    ada = UserId(uuid4())
    mine = [
        Attempt.open_for_connect_ui(
            AttemptId(uuid4()), secret=Secret(f"s{age}"), session_token=Secret(f"t{age}"), at=NOON + age, for_user=ada
        )
        for age in (timedelta(minutes=1), timedelta(minutes=3), timedelta(minutes=2))
    ]
    async with begin_work() as work:
        for attempt in (*mine, an_attempt()):
            await work.attempts.add(attempt)

        listed = await work.attempts.links_of(ada)
        nobodys = await work.attempts.links_of(UserId(uuid4()))

    assert [one.id for one in listed] == [mine[1].id, mine[2].id, mine[0].id]
    assert not nobodys
