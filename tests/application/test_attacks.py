"""What strangers try at the door, and what it gets them."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import pytest

from application.login.start_login import LoginStarted
from domain.attempt import LEASE, LIFETIME, SWEEP_REST, Attempt, AttemptId, AttemptState
from domain.connection import EndUserId
from domain.errors import InvalidCode, LoginStillPassing, StartAgain, Unauthenticated
from domain.secret import Secret
from domain.user import GitHubId
from tests.application.house import APP, House, auth_webhook, state_of
from tests.builders import ADA, GRACE

VERIFIER = "v" * 43
# The SHA-256 of the verifier, as computed elsewhere.
CHALLENGE = "7w_YNF9DSfIdPf_pRjSq646_kPr-2-o9NAl16JGghdM"

MALLORY = replace(GRACE, id=GitHubId(GRACE.id + 1), login="mallory")


async def refused(house: House, state: Secret, secrets: Mapping[AttemptId, Secret]) -> None:
    """Come back with the victim's approval, and be told to start again."""
    with pytest.raises(StartAgain):
        await house.pass_callback(state, house.nango.approval_by(ADA), secrets, None)
    assert not house.users


async def test_a_link_begun_by_one_browser_is_not_finished_by_another(house: House) -> None:
    mallorys = await house.start_login(None, None)

    await refused(house, state_of(mallorys), {})

    assert house.attempt_state(mallorys) is AttemptState.OPEN
    assert house.nango.calls["finish"] == 0


async def test_nor_by_a_victim_with_an_attempt_of_their_own(house: House) -> None:
    mallorys, victims = await house.start_login(None, None), await house.start_login(None, None)

    await refused(house, state_of(mallorys), {victims.attempt.id: victims.secret})
    await refused(house, state_of(mallorys), {mallorys.attempt.id: victims.secret})

    assert house.attempt_state(victims) is AttemptState.OPEN


async def test_the_victims_own_state_is_worth_nothing_in_the_attackers_browser(house: House) -> None:
    victims, mallorys = await house.start_login(None, None), await house.start_login(None, None)

    await refused(house, state_of(victims), {mallorys.attempt.id: mallorys.secret})
    attempt = await house.come_back(victims, house.nango.approval_by(ADA))

    assert attempt.state is AttemptState.FINISHED


async def test_a_made_up_state_finds_nothing_before_and_after_the_callback(house: House) -> None:
    victims = await house.start_login(None, None)
    held = {victims.attempt.id: victims.secret}

    await refused(house, Secret("made up"), held)
    pending = victims.attempt.authorization
    assert pending is not None
    await refused(house, Secret(pending.state), held)
    await house.come_back(victims, house.nango.approval_by(ADA))
    with pytest.raises(StartAgain):
        await house.pass_callback(Secret("made up"), house.nango.approval_by(ADA), held, None)


async def test_a_callback_that_is_repeated_at_once_passes_one_code_on(house: House) -> None:
    started = await house.start_login(None, None)
    answer = house.nango.approval_by(ADA)

    async def come_back() -> Attempt | None:
        try:
            return await house.come_back(started, answer)
        except LoginStillPassing:
            return None

    async with asyncio.TaskGroup() as tasks:
        for _ in range(10):
            tasks.create_task(come_back())

    assert house.nango.calls["finish"] == 1
    assert len(house.nango_connections) == 1


async def test_a_replayed_callback_gets_no_second_session(house: House) -> None:
    started = await house.start_login(None, None)
    answer = house.nango.approval_by(ADA)
    await house.collect_login(await house.come_back(started, answer), None)

    again = await house.come_back(started, answer)
    with pytest.raises(StartAgain):
        await house.collect_login(again, None)
    with pytest.raises(StartAgain):
        await house.pass_callback(state_of(started), answer, {}, None)

    assert len(house.begin_work.tables.sessions) == 1


async def test_an_expired_attempt_is_over(house: House) -> None:
    started = await house.start_login(None, None)
    house.clock.advance(LIFETIME)

    await refused(house, state_of(started), {started.attempt.id: started.secret})


@pytest.mark.parametrize(
    "odd",
    [
        {"has_client_override": True},
        {"config_keys": frozenset({"installation_id"})},
        {"connections": 2},
    ],
    ids=str,
)
async def test_a_connection_that_is_not_the_ordinary_one_is_refused_and_deleted(
    house: House, odd: dict[str, object]
) -> None:
    started = await house.start_login(None, None)
    code = house.nango.code_for(ADA, **odd)  # pyright: ignore[reportArgumentType]

    with pytest.raises(StartAgain):
        await house.come_back(started, replace(house.nango.denial(), error=None, code=code))

    assert not house.users
    assert not house.nango_connections
    assert house.attempt_state(started) is AttemptState.FAILED


async def test_a_connection_whose_tags_name_somebody_else_is_refused(house: House) -> None:
    started = await house.start_login(None, None)
    [connection_id] = house.nango.authorize(started.attempt.authorization, ADA)
    house.nango.connections[connection_id].tagged_end_user_id = EndUserId("somebody")
    async with house.begin_work() as work:
        await work.attempts.move(started.attempt.passing(house.clock.now()))
    house.clock.advance(LEASE)

    with pytest.raises(StartAgain):
        await house.come_back(started, house.nango.denial())

    assert not house.users
    assert not house.nango_connections


async def test_a_refused_attempt_stays_refused_though_deleting_fails(house: House) -> None:
    started = await house.start_login(None, None)
    house.nango.fail("delete")
    code = house.nango.code_for(ADA, connections=2)
    with pytest.raises(Exception, match="delete fails"):
        await house.come_back(started, replace(house.nango.denial(), error=None, code=code))

    house.nango.connections.popitem()
    house.clock.advance(SWEEP_REST)
    with pytest.raises(StartAgain):
        await house.come_back(started, house.nango.approval_by(ADA))
    await house.hear(auth_webhook("any", str(started.attempt.id)))
    await house.sweep_attempts()

    assert not house.users
    assert not house.nango_connections


async def started_by_victim_and_authorised(house: House) -> LoginStarted:
    started = await house.start_login(None, None)
    house.nango.authorize(started.attempt.authorization, ADA)
    return started


async def test_a_signed_webhook_does_not_open_the_door(house: House) -> None:
    started = await started_by_victim_and_authorised(house)
    [connection] = house.nango_connections

    await house.hear(auth_webhook(connection.id, str(started.attempt.id)))

    assert house.attempt_state(started) is AttemptState.OPEN
    assert not house.users


async def test_a_forged_webhook_that_names_a_victim_changes_nothing(house: House) -> None:
    collected = await house.sign_in(ADA)
    before = house.begin_work.tables
    users, connections, sessions = dict(before.users), dict(before.connections), dict(before.sessions)
    [connection] = house.nango_connections

    for body in (
        auth_webhook(connection.id, str(collected.user_id), operation="override"),
        auth_webhook("made-up", str(collected.user_id)),
        auth_webhook("made-up", "00000000-0000-4000-8000-000000000000"),
        auth_webhook("made-up", "not an id"),
        auth_webhook(connection.id, success=False, operation="refresh"),
    ):
        await house.hear(body)

    after = house.begin_work.tables
    assert (after.users, after.connections, after.sessions) == (users, connections, sessions)


async def test_a_code_for_another_origin_needs_its_verifier_and_works_once(house: House) -> None:
    started = await house.start_login(f"{APP}/in?x=1", CHALLENGE)
    attempt = await house.come_back(started, house.nango.approval_by(ADA))
    collected = await house.collect_login(attempt, None)
    url, _, code = collected.return_url.partition("&code=")
    assert (url, collected.session_secret) == (f"{APP}/in?x=1", None)

    exchanged = await house.exchange_code(Secret(code), VERIFIER)

    assert exchanged.user.account == ADA
    assert (await house.authenticate.by_bearer(exchanged.token)).user_id == collected.user_id
    with pytest.raises(InvalidCode):
        await house.exchange_code(Secret(code), VERIFIER)


async def test_a_stolen_code_is_worth_nothing_and_is_gone_after_one_try(house: House) -> None:
    started = await house.start_login(APP, CHALLENGE)
    collected = await house.collect_login(await house.come_back(started, house.nango.approval_by(ADA)), None)
    code = Secret(collected.return_url.partition("code=")[2])

    for verifier in ("w" * 43, VERIFIER):
        with pytest.raises(InvalidCode):
            await house.exchange_code(code, verifier)

    assert not house.begin_work.tables.sessions


async def test_signing_out_ends_the_access_tokens_at_once(house: House) -> None:
    started = await house.start_login(APP, CHALLENGE)
    collected = await house.collect_login(await house.come_back(started, house.nango.approval_by(ADA)), None)
    exchanged = await house.exchange_code(Secret(collected.return_url.partition("code=")[2]), VERIFIER)

    await house.end_session(await house.authenticate.by_bearer(exchanged.token))

    with pytest.raises(Unauthenticated):
        await house.authenticate.by_bearer(exchanged.token)


async def test_a_reconnect_as_another_account_is_cut_off_and_never_re_keyed(house: House) -> None:
    await house.sign_in(ADA)
    [connection] = house.nango_connections
    connection.account = MALLORY
    house.clock.advance(LIFETIME)

    await house.hear(auth_webhook(connection.id, operation="override"))
    await house.settle_connections()

    assert [user.account for user in house.users] == [ADA]
    assert not house.connections
    assert not house.nango_connections
