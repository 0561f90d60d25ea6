"""Signing in through Connect UI: the seed's contract, with the safety of the redirect door."""

import asyncio
from datetime import timedelta

import pytest

from application.login.await_login import PULL_EVERY, PULL_GRACE
from application.login.open_connect_ui import ConnectUiOpened
from domain.attempt import LIFETIME, Attempt, AttemptId, AttemptState, Purpose
from domain.connection import ConnectionId
from domain.errors import StartAgain
from domain.secret import Secret
from tests.application.house import House, auth_webhook
from tests.builders import ADA, GRACE

AT_ONCE = timedelta(0)
WAIT = timedelta(seconds=25)


def secrets_of(*opened: ConnectUiOpened) -> dict[AttemptId, Secret]:
    return {one.attempt.id: one.secret for one in opened}


async def aim(house: House, opened: ConnectUiOpened, *held: ConnectUiOpened) -> Secret:
    """Open the pop-up in the browser that holds these attempts; return our state that GitHub got."""
    url = await house.aim_login(Purpose.LOGIN, opened.session.token, "socket-1", secrets_of(*(held or (opened,))))
    return Secret(url.rpartition("state=")[2])


async def status(house: House, connection_id: str, *held: ConnectUiOpened, wait: timedelta = AT_ONCE) -> Attempt | None:
    return await house.await_login(ConnectionId(connection_id), secrets_of(*held), wait)


async def come_back(house: House, state: Secret, *held: ConnectUiOpened) -> Attempt:
    return await house.pass_callback(state, house.nango.approval_by(ADA), secrets_of(*held), None)


async def test_a_person_signs_in_and_the_browser_collects_once(house: House) -> None:
    opened = await house.open_connect_ui()
    await come_back(house, await aim(house, opened), opened)
    [connection] = house.nango_connections

    attempt = await status(house, connection.id, opened)
    assert attempt is not None
    collected = await house.collect_token(attempt, None)

    assert collected.user.account == ADA
    assert (await house.authenticate.by_bearer(collected.token)).user_id == collected.user.id
    assert (await house.authenticate.by_cookie(collected.session_secret)).user_id == collected.user.id
    assert await status(house, connection.id, opened) is None
    with pytest.raises(StartAgain):
        await house.collect_token(attempt, None)


async def test_a_waiting_browser_is_told_at_once(house: House) -> None:
    opened = await house.open_connect_ui()
    state = await aim(house, opened)

    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(status(house, "connection-3", opened, wait=WAIT))
        await asyncio.sleep(0)
        await come_back(house, state, opened)

    attempt = waiting.result()
    assert attempt is not None
    assert attempt.connection_id == house.nango_connections[0].id == "connection-3"


async def test_the_pop_up_may_be_opened_again_and_only_its_newest_state_counts(house: House) -> None:
    opened = await house.open_connect_ui()
    older, newer = await aim(house, opened), await aim(house, opened)

    with pytest.raises(StartAgain):
        await come_back(house, older, opened)
    await come_back(house, newer, opened)

    assert len(house.users) == 1


async def test_the_session_token_of_another_browser_opens_nothing(house: House) -> None:
    mallorys, victims = await house.open_connect_ui(), await house.open_connect_ui()

    for held in ((victims,), ()):
        with pytest.raises(StartAgain):
            await house.aim_login(Purpose.LOGIN, mallorys.session.token, None, secrets_of(*held))

    assert house.nango.calls["authorize"] == 0


async def test_two_attempts_with_swapped_states_sign_nobody_else_in(house: House) -> None:
    """The takeover that a naive pass-on allows: the attacker's state with the victim's code, or the other way round."""
    mallorys, victims = await house.open_connect_ui(), await house.open_connect_ui()
    mallorys_state, victims_state = await aim(house, mallorys), await aim(house, victims)

    with pytest.raises(StartAgain):
        await come_back(house, mallorys_state, victims)
    with pytest.raises(StartAgain):
        await come_back(house, victims_state, mallorys)

    assert not house.users
    assert house.nango.calls["finish"] == 0


async def test_another_browser_learns_nothing_by_asking_or_guessing(house: House) -> None:
    opened, strangers = await house.open_connect_ui(), await house.open_connect_ui()
    await come_back(house, await aim(house, opened), opened)
    [connection] = house.nango_connections

    assert await status(house, connection.id) is None
    assert await status(house, connection.id, strangers) is None
    assert await status(house, "guessed", opened) is None
    assert await status(house, connection.id, opened) is not None


async def test_a_browser_without_a_sign_in_under_way_is_not_kept_waiting(house: House) -> None:
    async with asyncio.timeout(1):
        assert await status(house, "anything", wait=WAIT) is None


async def test_a_denial_ends_the_wait(house: House) -> None:
    opened = await house.open_connect_ui()
    state = await aim(house, opened)

    async with asyncio.timeout(1):
        async with asyncio.TaskGroup() as tasks:
            waiting = tasks.create_task(status(house, "anything", opened, wait=WAIT))
            await asyncio.sleep(0)
            with pytest.raises(Exception, match="not authorised"):
                await house.pass_callback(state, house.nango.denial(), secrets_of(opened), None)

    assert waiting.result() is None


async def test_a_webhook_alone_finishes_nothing_as_the_callback_is_ours(house: House) -> None:
    opened = await house.open_connect_ui()
    connection_id = house.nango.connect(opened.attempt.end_user_id, ADA)

    await house.hear(auth_webhook(connection_id, str(opened.attempt.id)))
    house.clock.advance(timedelta(minutes=1))

    assert await status(house, connection_id, opened) is None
    assert not house.users


@pytest.fixture
def bound_by_cookie() -> House:
    return House(is_bound_by_cookie=True)


async def test_bound_by_cookie_a_webhook_finishes_it_for_its_browser_only(bound_by_cookie: House) -> None:
    house = bound_by_cookie
    opened, strangers = await house.open_connect_ui(), await house.open_connect_ui()
    connection_id = house.nango.connect(opened.attempt.end_user_id, ADA)

    await house.hear(auth_webhook(connection_id, str(opened.attempt.id)))

    assert await status(house, connection_id, strangers) is None
    attempt = await status(house, connection_id, opened)
    assert attempt is not None
    assert attempt.state is AttemptState.FINISHED


async def test_bound_by_cookie_a_lost_webhook_is_made_up_for_after_a_grace_in_plain_polling(
    bound_by_cookie: House,
) -> None:
    house = bound_by_cookie
    opened = await house.open_connect_ui()
    connection_id = house.nango.connect(opened.attempt.end_user_id, ADA)
    assert await status(house, connection_id, opened) is None
    calls = house.nango.calls.copy()
    assert await status(house, connection_id, opened) is None
    assert house.nango.calls == calls

    house.clock.advance(PULL_GRACE)

    assert await status(house, connection_id, opened) is not None


async def test_bound_by_cookie_somebody_who_is_still_at_github_is_waited_for(bound_by_cookie: House) -> None:
    house = bound_by_cookie
    opened = await house.open_connect_ui()
    await status(house, "unknown", opened)
    for _ in range(20):
        house.clock.advance(PULL_EVERY)
        assert await status(house, "unknown", opened) is None

    connection_id = house.nango.connect(opened.attempt.end_user_id, ADA)
    house.clock.advance(PULL_EVERY)

    assert await status(house, connection_id, opened) is not None


async def test_bound_by_cookie_nothing_is_asked_of_nango_more_often_than_every_few_seconds(
    bound_by_cookie: House,
) -> None:
    house = bound_by_cookie
    opened = await house.open_connect_ui()
    await status(house, "unknown", opened)
    house.clock.advance(PULL_GRACE)

    for _ in range(50):
        await status(house, "unknown", opened)

    assert house.nango.calls["of_end_user"] == 1


async def test_bound_by_cookie_the_redirect_door_stays_as_safe_as_it_is(bound_by_cookie: House) -> None:
    house = bound_by_cookie
    started = await house.start_login(None, None)
    [connection_id] = house.nango.authorize(started.attempt.authorization, GRACE)

    await house.hear(auth_webhook(connection_id, str(started.attempt.id)))

    assert house.attempt_state(started) is AttemptState.OPEN
    assert not house.users


async def test_an_expired_attempt_is_not_waited_for(bound_by_cookie: House) -> None:
    house = bound_by_cookie
    opened = await house.open_connect_ui()
    house.nango.connect(opened.attempt.end_user_id, ADA)
    house.clock.advance(LIFETIME)

    assert await status(house, "unknown", opened) is None
    assert not house.users


async def test_a_connection_made_behind_our_back_goes_when_the_attempt_expires(house: House) -> None:
    opened = await house.open_connect_ui()
    house.nango.connect(opened.attempt.end_user_id, GRACE)

    assert await house.sweep_attempts() == 0
    house.clock.advance(LIFETIME)
    await house.sweep_attempts()

    assert not house.nango_connections
    assert not house.users


async def test_a_further_connection_of_a_finished_sign_in_is_deleted_and_the_first_is_kept(house: House) -> None:
    opened = await house.open_connect_ui()
    await come_back(house, await aim(house, opened), opened)
    [kept] = house.nango_connections
    stray = house.nango.connect(opened.attempt.end_user_id, GRACE)

    await house.hear(auth_webhook(stray, str(opened.attempt.id)))
    await house.hear(auth_webhook(kept.id, str(opened.attempt.id), forged=1))
    await house.hear(auth_webhook("made up", str(opened.attempt.id)))

    assert house.nango_connections == [kept]
