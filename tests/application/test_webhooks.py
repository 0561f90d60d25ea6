"""Webhooks complete and heal; they decide nothing by their own words."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.deliveries.accept_delivery import LARGE_BYTES
from application.login.start_login import LoginStarted
from domain.attempt import LEASE, LIFETIME, SWEEP_REST, AttemptState, ProviderAnswer
from domain.connection import ConnectionState, EndUserId
from domain.delivery import MOST_TRIES, DeliveryState
from domain.errors import (
    DeliveryQuotaSpent,
    InvalidSignature,
    LoginStillPassing,
    MalformedDelivery,
    TooLarge,
    UpstreamUnavailable,
)
from tests.application.house import DAILY_BYTES, House, auth_webhook
from tests.builders import ADA
from tests.fakes.webhook_signatures import signed

MINUTE = timedelta(minutes=1)


async def test_the_webhook_of_an_ordinary_login_costs_no_call(house: House) -> None:
    collected = await house.sign_in(ADA)
    calls = house.nango.calls.copy()
    [connection] = house.nango_connections

    processed = await house.hear(auth_webhook(connection.id, str(collected.user_id)))

    assert processed is not None
    assert processed.state is DeliveryState.DONE
    assert house.nango.calls == calls


async def test_a_webhook_waits_while_the_browser_itself_is_finishing(house: House) -> None:
    started = await house.start_login(None, None)
    [connection_id] = house.nango.authorize(started.attempt.authorization, ADA)
    async with house.begin_work() as work:
        await work.attempts.move(started.attempt.passing(house.clock.now()))

    processed = await house.hear(auth_webhook(connection_id, str(started.attempt.id)))

    assert processed is not None
    assert processed.state is DeliveryState.WAITING
    assert house.nango.calls["of_end_user"] == 0


async def test_a_webhook_completes_what_a_crash_interrupted_but_gives_nobody_the_session(house: House) -> None:
    started = await house.start_login(None, None)
    [connection_id] = house.nango.authorize(started.attempt.authorization, ADA)
    async with house.begin_work() as work:
        await work.attempts.move(started.attempt.passing(house.clock.now()))
    await house.hear(auth_webhook(connection_id, str(started.attempt.id)))

    house.clock.advance(LEASE)
    processed = await house.work()

    assert processed is not None
    assert processed.state is DeliveryState.DONE
    assert house.attempt_state(started) is AttemptState.FINISHED
    assert [user.account for user in house.users] == [ADA]
    assert not house.begin_work.tables.sessions
    attempt = await house.come_back(started, house.nango.denial())
    assert (await house.collect_login(attempt, None)).session_secret is not None


async def test_hints_about_a_failed_sign_in_do_not_sweep_it_again_and_again(house: House) -> None:
    started = await house.start_login(None, None)
    house.nango.fail("finish")
    with pytest.raises(UpstreamUnavailable):
        await house.come_back(started, house.nango.approval_by(ADA))
    house.clock.advance(LIFETIME)
    await house.sweep_attempts()
    calls = house.nango.calls.copy()

    for number in range(10):
        await house.hear(auth_webhook("forged", str(started.attempt.id), number=number))
        await house.sweep_attempts()

    assert house.nango.calls == calls


async def test_a_late_connection_of_a_failed_attempt_is_deleted(house: House) -> None:
    started = await house.start_login(None, None)
    house.nango.fail("finish", UpstreamUnavailable("timed out"))
    with pytest.raises(UpstreamUnavailable):
        await house.come_back(started, house.nango.approval_by(ADA))
    house.clock.advance(LIFETIME)
    await house.sweep_attempts()
    [connection_id] = house.nango.authorize(started.attempt.authorization, ADA)
    house.clock.advance(SWEEP_REST)

    await house.hear(auth_webhook(connection_id, str(started.attempt.id)))
    await house.sweep_attempts()

    assert not house.nango_connections
    assert not house.users


@pytest.mark.parametrize(
    ("damage", "state"),
    [
        ({"is_broken": True}, ConnectionState.BROKEN),
        ({"is_revoked": True}, ConnectionState.BROKEN),
        ({"integration": "another"}, ConnectionState.RETIRED),
        ({"has_client_override": True}, ConnectionState.RETIRED),
        ({"config_keys": frozenset({"odd"})}, ConnectionState.BROKEN),
    ],
    ids=str,
)
async def test_a_known_connection_is_seen_as_it_is_now(
    house: House, damage: dict[str, object], state: ConnectionState
) -> None:
    await house.sign_in(ADA)
    [connection] = house.nango_connections
    for name, value in damage.items():
        setattr(connection, name, value)
    house.clock.advance(MINUTE)

    await house.hear(auth_webhook(connection.id, operation="refresh", success=False))

    [row] = house.connections
    assert row.state is state
    assert row.last_error


async def test_a_broken_connection_that_works_again_is_live_again(house: House) -> None:
    await house.sign_in(ADA)
    [connection] = house.nango_connections
    connection.is_broken = True
    house.clock.advance(MINUTE)
    await house.hear(auth_webhook(connection.id, operation="refresh", success=False))
    connection.is_broken = False
    house.clock.advance(MINUTE)

    await house.hear(auth_webhook(connection.id, operation="override"))

    [row] = house.connections
    assert (row.state, row.last_error) == (ConnectionState.LIVE, None)


async def test_a_connection_deleted_in_nango_is_forgotten(house: House) -> None:
    await house.sign_in(ADA)
    [connection] = house.nango_connections
    house.nango.connections.clear()
    house.clock.advance(MINUTE)

    await house.hear(auth_webhook(connection.id, operation="override"))
    await house.settle_connections()

    assert not house.connections
    assert len(house.users) == 1


async def test_a_connection_that_was_tagged_for_another_is_tagged_back(house: House) -> None:
    collected = await house.sign_in(ADA)
    [connection] = house.nango_connections
    connection.end_user_id = connection.tagged_end_user_id = EndUserId("a stranger")
    house.clock.advance(MINUTE)

    await house.hear(auth_webhook(connection.id, "a stranger", operation="override"))
    await house.settle_connections()

    assert connection.end_user_id == connection.tagged_end_user_id == str(collected.user_id)
    assert [row.user_id for row in house.connections] == [collected.user_id]


async def test_one_object_is_read_back_at_most_once_in_half_a_minute(house: House) -> None:
    await house.sign_in(ADA)
    [connection] = house.nango_connections
    house.clock.advance(MINUTE)
    reads = house.nango.calls["read"]

    for number in range(20):
        await house.hear(auth_webhook(connection.id, operation="refresh", forged=number))
    assert house.nango.calls["read"] == reads + 1
    house.clock.advance(MINUTE)
    while await house.work():
        pass

    assert house.nango.calls["read"] == reads + 2


async def test_a_broken_connection_is_not_read_back_more_often(house: House) -> None:
    await house.sign_in(ADA)
    [connection] = house.nango_connections
    connection.is_broken = True
    house.clock.advance(MINUTE)
    reads = house.nango.calls["read"]

    for number in range(5):
        await house.hear(auth_webhook(connection.id, operation="refresh", forged=number))

    assert house.nango.calls["read"] == reads + 1


async def test_a_refresh_that_fails_again_costs_no_call(house: House) -> None:
    """Nango tries it when it is read, and says each time that it failed."""
    await house.sign_in(ADA)
    [connection] = house.nango_connections
    connection.is_broken = True
    house.clock.advance(MINUTE)
    await house.hear(auth_webhook(connection.id, operation="refresh", success=False))
    reads = house.nango.calls["read"]

    house.clock.advance(MINUTE)
    processed = await house.hear(auth_webhook(connection.id, operation="refresh", success=False))

    assert processed is not None
    assert processed.state is DeliveryState.DONE
    assert house.nango.calls["read"] == reads
    assert [row.state for row in house.connections] == [ConnectionState.BROKEN]


async def test_an_outage_is_waited_out_and_in_the_end_held(house: House) -> None:
    await house.sign_in(ADA)
    [connection] = house.nango_connections
    house.clock.advance(MINUTE)
    house.nango.fail("read", times=MOST_TRIES)

    states = [await house.hear(auth_webhook(connection.id, operation="refresh"))]
    for _ in range(MOST_TRIES - 1):
        house.clock.advance(timedelta(hours=1))
        states.append(await house.work())

    assert [processed.state for processed in states if processed] == [
        *[DeliveryState.WAITING] * (MOST_TRIES - 1),
        DeliveryState.HELD,
    ]


async def test_whoever_is_to_wait_longer_waits_longer(house: House) -> None:
    await house.sign_in(ADA)
    [connection] = house.nango_connections
    house.clock.advance(MINUTE)
    house.nango.fail("read", UpstreamUnavailable("too many calls", 3 * MINUTE))

    processed = await house.hear(auth_webhook(connection.id, operation="refresh"))

    assert processed is not None
    assert (processed.state, processed.retry_in) == (DeliveryState.WAITING, 3 * MINUTE)


@pytest.mark.parametrize("kind", ["sync", "forward", "async_action", "something new"])
async def test_other_kinds_are_kept_and_change_nothing(house: House, kind: str) -> None:
    processed = await house.hear({"type": kind, "new": {"field": 1}})

    assert processed is not None
    assert processed.state is DeliveryState.IGNORED
    assert len(house.begin_work.tables.deliveries) == 1


@pytest.mark.parametrize("body", [b"", b"{", b"not json", b"\xff", b"NaN", b"[" * 100_000])
async def test_what_is_not_json_is_refused(house: House, body: bytes) -> None:
    with pytest.raises(MalformedDelivery):
        await house.accept_delivery(body, signed(body))

    assert not house.begin_work.tables.deliveries


async def test_what_is_not_signed_is_refused_before_it_is_read(house: House) -> None:
    with pytest.raises(InvalidSignature):
        await house.accept_delivery(b"not json", {})


async def test_only_what_github_wrote_may_be_large(house: House) -> None:
    large = "x" * (1024 * 1024)
    with pytest.raises(TooLarge):
        await house.receive({"type": "auth", "x": large})

    await house.receive({"type": "forward", "x": large})

    assert len(house.begin_work.tables.deliveries) == 1


async def test_large_ones_pass_until_the_days_quota_is_spent_and_small_ones_always(house: House) -> None:
    large = "x" * (DAILY_BYTES // 2)
    await house.receive({"type": "forward", "x": large})

    with pytest.raises(DeliveryQuotaSpent):
        await house.receive({"type": "forward", "x": large, "n": 2})
    await house.receive({"type": "forward", "x": "x" * (LARGE_BYTES - 100)})
    house.clock.advance(timedelta(days=1))
    await house.receive({"type": "forward", "x": large, "n": 3})

    assert len(house.begin_work.tables.deliveries) == 3


async def test_what_is_refused_anyway_takes_nothing_from_the_quota(house: House) -> None:
    large = b'{"type":"auth","x":"' + b"x" * 1024 * 1024
    for raw, headers, refusal in (
        (large + b'"}', {}, InvalidSignature),
        (large, signed(large), MalformedDelivery),
        (large + b'"}', signed(large + b'"}'), TooLarge),
    ):
        with pytest.raises(refusal):
            await house.accept_delivery(raw, headers)

    assert not house.delivery_quota.spent


# The steps that can come in any order, any number of times, around one sign-in.
STEPS = st.lists(st.sampled_from(["webhook", "callback", "work", "sweep", "settle", "lease", "forged"]), max_size=12)


@given(steps=STEPS)
def test_in_any_order_an_attempt_ends_with_one_user_or_none_and_nothing_left_over(steps: list[str]) -> None:
    asyncio.run(in_order(steps))


async def take(house: House, step: str, started: LoginStarted, answer: ProviderAnswer) -> None:
    match step:
        case "callback":
            with suppress(LoginStillPassing):
                await house.come_back(started, answer)
        case "webhook":
            connection_id = next((connection.id for connection in house.nango_connections), "unknown")
            await house.receive(auth_webhook(connection_id, str(started.attempt.id)))
        case "forged":
            await house.receive(auth_webhook("forged", str(started.attempt.id)))
        case "work":
            await house.work()
        case "sweep":
            await house.sweep_attempts()
        case "settle":
            await house.settle_connections()
        case _:
            house.clock.advance(LEASE)


async def in_order(steps: list[str]) -> None:
    house = House()
    started = await house.start_login(None, None)
    answer = house.nango.approval_by(ADA)
    for step in steps:
        await take(house, step, started, answer)
    house.clock.advance(LIFETIME)
    await house.sweep_attempts()
    house.clock.advance(SWEEP_REST)
    await house.sweep_attempts()
    await house.settle_connections()

    came_back = "callback" in steps
    assert [user.account for user in house.users] == [ADA] * came_back
    assert [row.id for row in house.connections] == [connection.id for connection in house.nango_connections]
    assert len(house.connections) == came_back
