"""Signing in, from the first click to a session, without infrastructure."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.attempt import GIVE_UP_AFTER, LEASE, LIFETIME, SHORTEST_REST, SWEEP_REST, AttemptState
from domain.connection import ConnectionState
from domain.errors import InvalidReturnTo, LoginDenied, LoginStillPassing, StartAgain, UpstreamUnavailable
from domain.secret import Secret
from tests.application.house import House, state_of
from tests.builders import ADA, GRACE
from tests.fakes.clock import NOON
from tests.fakes.nango.model import Method

MINUTE = timedelta(minutes=1)


async def test_a_new_person_gets_a_user_with_the_id_of_their_first_attempt(house: House) -> None:
    started = await house.start_login("/welcome", None)
    attempt = await house.come_back(started, house.nango.approval_by(ADA))
    collected = await house.collect_login(attempt, None)
    await house.settle_connections(collected.user_id)

    assert collected.return_url == "/welcome"
    assert [user.account for user in house.users] == [ADA]
    assert house.users[0].id == collected.user_id == started.attempt.id
    assert collected.session_secret is not None
    assert (await house.authenticate.by_cookie(collected.session_secret)).user_id == collected.user_id
    assert (house.nango.calls["of_end_user"], house.nango.calls["read"], house.nango.calls["behind"]) == (1, 1, 1)
    assert house.nango.calls["assign"] == house.nango.calls["delete"] == 0


async def test_a_returning_person_keeps_their_user_and_the_newer_connection(house: House) -> None:
    first = await house.sign_in(ADA)
    renamed = replace(ADA, login="ada-lovelace", email=None)
    second = await house.sign_in(renamed)

    assert second.user_id == first.user_id
    assert [user.account for user in house.users] == [renamed]
    [kept] = house.nango_connections
    assert kept.end_user_id == kept.tagged_end_user_id == str(first.user_id)
    assert [(row.id, row.state, row.is_settled) for row in house.connections] == [(kept.id, ConnectionState.LIVE, True)]


async def test_a_person_without_e_mail_or_name_signs_in(house: House) -> None:
    await house.sign_in(GRACE)

    assert house.users[0].account == GRACE


async def test_a_login_name_used_again_by_another_account_is_another_person(house: House) -> None:
    first = await house.sign_in(ADA)
    second = await house.sign_in(replace(GRACE, login=ADA.login, email=ADA.email))

    assert first.user_id != second.user_id


async def test_an_older_login_recorded_later_does_not_replace_the_newer_connection(house: House) -> None:
    older, newer = await house.start_login(None, None), await house.start_login(None, None)
    house.nango.authorize(older.attempt.authorization, ADA)
    await house.come_back(newer, house.nango.approval_by(ADA))
    newest = max(house.nango_connections, key=lambda connection: connection.authorized_at)

    async with house.begin_work() as work:
        passing = older.attempt.passing(house.clock.now())
        await work.attempts.move(passing)
    finished = await house.complete_login(passing)
    await house.settle_connections()

    assert finished.user_id == house.users[0].id
    assert [connection.id for connection in house.nango_connections] == [newest.id]


async def test_a_broken_connection_is_replaced_even_by_an_older_one(house: House) -> None:
    await house.sign_in(ADA)
    [row] = house.connections
    async with house.begin_work() as work:
        await work.connections.save(row.broken("no token", NOON))
    house.nango.now -= timedelta(days=1)

    await house.sign_in(ADA)

    [kept] = house.connections
    assert kept.id != row.id
    assert kept.state is ConnectionState.LIVE


async def test_many_first_logins_at_once_make_one_user_with_one_connection(house: House) -> None:
    async with asyncio.TaskGroup() as tasks:
        logins = [tasks.create_task(house.sign_in(ADA)) for _ in range(50)]
    while await house.settle_connections():
        pass

    assert len({login.result().user_id for login in logins}) == len(house.users) == 1
    assert len({login.result().session_secret for login in logins}) == 50
    assert [row.id for row in house.connections] == [connection.id for connection in house.nango_connections]
    assert len(house.connections) == 1


async def test_two_browsers_of_one_person_have_a_session_each(house: House) -> None:
    laptop, phone = await house.sign_in(ADA), await house.sign_in(ADA)
    assert laptop.session_secret is not None
    assert phone.session_secret is not None

    await house.end_session(await house.authenticate.by_cookie(laptop.session_secret))

    assert (await house.authenticate.by_cookie(phone.session_secret)).user_id == phone.user_id


async def test_a_new_session_replaces_the_one_of_the_same_browser(house: House) -> None:
    first = await house.sign_in(ADA)
    started = await house.start_login(None, None)
    attempt = await house.come_back(started, house.nango.approval_by(GRACE))

    await house.collect_login(attempt, first.session_secret)

    assert [session.user_id for session in house.begin_work.tables.sessions.values()] == [attempt.user_id]


async def test_a_denial_is_said_and_ends_the_attempt(house: House) -> None:
    started = await house.start_login(None, None)

    with pytest.raises(LoginDenied):
        await house.come_back(started, house.nango.denial())

    assert house.attempt_state(started) is AttemptState.FAILED
    assert not house.users


async def test_a_code_that_nango_cannot_use_ends_the_attempt(house: House) -> None:
    started = await house.start_login(None, None)

    with pytest.raises(StartAgain):
        await house.come_back(started, replace(house.nango.denial(), error=None, code="made up"))

    assert house.attempt_state(started) is AttemptState.FAILED


async def test_nothing_is_stored_when_nango_does_not_let_us_start(house: House) -> None:
    house.nango.fail("start")

    with pytest.raises(UpstreamUnavailable):
        await house.start_login(None, None)

    assert not house.begin_work.tables.attempts


async def test_a_bad_return_to_costs_no_call(house: House) -> None:
    with pytest.raises(InvalidReturnTo):
        await house.start_login("//evil.test", None)

    assert not house.nango.calls


async def test_a_lost_answer_of_nango_is_looked_up_by_the_same_browser(house: House) -> None:
    started = await house.start_login(None, None)
    answer = house.nango.approval_by(ADA)
    house.nango.fail("finish", after_effect=True)
    with pytest.raises(UpstreamUnavailable):
        await house.come_back(started, answer)
    with pytest.raises(LoginStillPassing):
        await house.come_back(started, answer)

    house.clock.advance(SHORTEST_REST)
    attempt = await house.come_back(started, answer)

    assert attempt.user_id == house.users[0].id
    assert house.nango.calls["finish"] == 1


@pytest.mark.parametrize("method", ["of_end_user", "read", "behind"])
async def test_an_outage_while_reading_back_loses_nothing(house: House, method: Method) -> None:
    started = await house.start_login(None, None)
    answer = house.nango.approval_by(ADA)
    house.nango.fail(method)
    with pytest.raises(UpstreamUnavailable):
        await house.come_back(started, answer)
    assert not house.users

    house.clock.advance(SHORTEST_REST)
    await house.come_back(started, answer)

    assert [user.account for user in house.users] == [ADA]


async def test_a_crash_after_nangos_callback_is_healed_by_the_same_browser(house: House) -> None:
    started = await house.start_login(None, None)
    async with house.begin_work() as work:
        await work.attempts.move(started.attempt.passing(house.clock.now()))
    house.nango.authorize(started.attempt.authorization, ADA)
    with pytest.raises(LoginStillPassing):
        await house.come_back(started, house.nango.denial())

    house.clock.advance(LEASE)
    attempt = await house.come_back(started, house.nango.denial())

    assert (await house.collect_login(attempt, None)).session_secret is not None
    assert house.nango.calls["finish"] == 0


async def test_an_outage_while_nango_is_told_is_made_up_for_later(house: House) -> None:
    await house.sign_in(ADA)
    house.nango.fail("delete")
    with pytest.raises(UpstreamUnavailable):
        await house.sign_in(ADA)
    assert len(house.nango_connections) == 2

    house.clock.advance(MINUTE)
    await house.settle_connections()

    [kept] = house.nango_connections
    assert [row.id for row in house.connections] == [kept.id]
    assert kept.end_user_id == str(house.users[0].id)


async def test_what_an_unfinished_attempt_made_is_deleted_when_it_expires(house: House) -> None:
    started = await house.start_login(None, None)
    house.nango.fail("finish", after_effect=True)
    with pytest.raises(UpstreamUnavailable):
        await house.come_back(started, house.nango.approval_by(ADA))

    assert await house.sweep_attempts() == 0
    house.clock.advance(LIFETIME)
    assert await house.sweep_attempts() == 1

    assert not house.nango_connections
    assert house.attempt_state(started) is AttemptState.FAILED
    with pytest.raises(StartAgain):
        await house.come_back(started, house.nango.approval_by(ADA))


async def test_an_attempt_that_was_never_brought_back_costs_no_call(house: House) -> None:
    await house.start_login(None, None)
    house.clock.advance(LIFETIME)

    assert await house.sweep_attempts() == 0
    assert dict(house.nango.calls) == {"start": 1}


async def test_an_outage_while_sweeping_is_made_up_for_later(house: House) -> None:
    started = await house.start_login(None, None)
    house.nango.fail("finish", after_effect=True)
    with pytest.raises(UpstreamUnavailable):
        await house.come_back(started, house.nango.approval_by(ADA))
    house.clock.advance(LIFETIME)
    house.nango.fail("delete")
    with pytest.raises(UpstreamUnavailable):
        await house.sweep_attempts()
    assert house.attempt_state(started) is AttemptState.FAILING

    house.clock.advance(SWEEP_REST)
    await house.sweep_attempts()

    assert not house.nango_connections


async def test_old_rows_are_forgotten(house: House) -> None:
    await house.sign_in(ADA)
    await house.start_login(None, None)
    house.clock.advance(timedelta(days=31))

    await house.forget_expired()

    tables = house.begin_work.tables
    assert not tables.attempts
    assert not tables.sessions
    assert len(tables.users) == len(tables.connections) == 1


async def test_five_tabs_of_one_browser_finish_in_any_order(house: House) -> None:
    tabs = [await house.start_login(f"/tab/{number}", None) for number in range(5)]
    secrets = {tab.attempt.id: tab.secret for tab in tabs}

    urls: list[str] = []
    for number in (3, 0, 4, 1, 2):
        attempt = await house.pass_callback(state_of(tabs[number]), house.nango.approval_by(ADA), secrets, None)
        urls.append((await house.collect_login(attempt, None)).return_url)

    assert urls == ["/tab/3", "/tab/0", "/tab/4", "/tab/1", "/tab/2"]
    assert len(house.users) == 1


async def test_a_session_ends_everywhere_at_once(house: House) -> None:
    collected = await house.sign_in(ADA)
    secret = collected.session_secret or Secret("")

    await house.end_session(await house.authenticate.by_cookie(secret))

    assert not house.begin_work.tables.sessions


async def test_a_code_that_nango_never_used_ends_in_words_after_a_while(house: House) -> None:
    started = await house.start_login(None, None)
    answer = house.nango.approval_by(ADA)
    house.nango.fail("finish")
    with pytest.raises(UpstreamUnavailable):
        await house.come_back(started, answer)
    house.clock.advance(SHORTEST_REST)
    with pytest.raises(LoginStillPassing):
        await house.come_back(started, answer)

    house.clock.advance(GIVE_UP_AFTER)
    with pytest.raises(StartAgain):
        await house.come_back(started, answer)

    assert house.attempt_state(started) is AttemptState.FAILED


async def test_a_repeat_does_not_ask_nango_more_often_than_it_wants(house: House) -> None:
    started = await house.start_login(None, None)
    answer = house.nango.approval_by(ADA)
    house.nango.fail("behind", UpstreamUnavailable("too many calls", MINUTE), times=10)
    with pytest.raises(UpstreamUnavailable):
        await house.come_back(started, answer)
    calls = house.nango.calls.copy()

    for _ in range(19):
        house.clock.advance(SHORTEST_REST)
        with pytest.raises(LoginStillPassing):
            await house.come_back(started, answer)

    assert house.nango.calls == calls


async def test_one_connection_that_cannot_be_deleted_keeps_nothing_else_from_it(house: House) -> None:
    for account in (ADA, GRACE):
        for _ in range(2):
            started = await house.start_login(None, None)
            await house.come_back(started, house.nango.approval_by(account))
    house.nango.fail("delete")
    with pytest.raises(UpstreamUnavailable):
        await house.settle_connections()

    await house.settle_connections()

    assert len(house.nango_connections) == 3
    house.clock.advance(MINUTE)
    await house.settle_connections()
    assert len(house.nango_connections) == 2
