"""Reconcile heals without any webhook, by reading again; it never widens what nobody proved."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.attempt import LEASE as ATTEMPT_LEASE
from domain.attempt import LIFETIME, AttemptState
from domain.connection import EndUserId
from domain.errors import UpstreamUnavailable
from domain.reconcile import MOST_UNLISTED, FindingKind
from domain.user import GitHubId
from tests.application.house import PERIOD, House
from tests.application.reconciling import (
    HEALED,
    LEFT,
    MINUTE,
    POSTPONED,
    by_cookie,
    connected_by_popup,
    interrupted,
    lose_rows,
    outcomes,
)
from tests.builders import ADA, GRACE


async def test_a_sign_in_that_was_interrupted_is_finished_for_its_own_browser_to_collect(house: House) -> None:
    started = await interrupted(house)
    assert await house.reconcile() == []
    house.clock.advance(ATTEMPT_LEASE)

    assert outcomes(await house.reconcile()) == [(FindingKind.COMPLETE, HEALED)]

    assert house.attempt_state(started) is AttemptState.FINISHED
    assert [user.account for user in house.users] == [ADA]
    assert not house.begin_work.tables.sessions
    attempt = await house.come_back(started, house.nango.denial())
    assert (await house.collect_login(attempt, None)).session_secret is not None


async def test_bound_by_cookie_a_sign_in_without_its_webhook_is_finished() -> None:
    house = by_cookie()
    opened = await connected_by_popup(house)

    assert outcomes(await house.reconcile()) == [(FindingKind.COMPLETE, HEALED)]

    assert [user.account for user in house.users] == [ADA]
    [connection] = house.nango_connections
    attempt = await house.await_login(connection.id, {opened.attempt.id: opened.secret}, timedelta(0))
    assert attempt is not None
    assert attempt.state is AttemptState.FINISHED


async def test_bound_by_cookie_somebody_who_returns_without_a_webhook_has_one_connection_at_once() -> None:
    house = by_cookie()
    collected = await house.sign_in(ADA)
    await connected_by_popup(house)
    [_, newer] = house.nango_connections

    assert outcomes(await house.reconcile()) == [(FindingKind.COMPLETE, HEALED)]

    assert house.nango_connections == [newer]
    assert newer.end_user_id == str(collected.user_id)
    assert [(row.id, row.is_settled) for row in house.connections] == [(newer.id, True)]


async def test_a_sign_in_that_could_not_be_finished_waits_for_no_lease() -> None:
    house = by_cookie()
    await connected_by_popup(house)
    house.nango.fail("behind")

    assert outcomes(await house.reconcile()) == [(FindingKind.COMPLETE, POSTPONED)]
    assert outcomes(await house.reconcile()) == [(FindingKind.COMPLETE, HEALED)]


async def test_a_door_that_no_browser_came_through_is_not_opened(house: House) -> None:
    opened = await connected_by_popup(house)
    started = await house.start_login(None, None)
    house.nango.connect(started.attempt.end_user_id, GRACE)

    assert await house.reconcile() == []

    assert not house.users
    assert {attempt.state for attempt in house.begin_work.tables.attempts.values()} == {AttemptState.OPEN}
    house.clock.advance(LIFETIME)
    assert outcomes(await house.reconcile()) == [(FindingKind.DELETE, HEALED)] * 2
    assert not house.nango_connections
    assert house.begin_work.tables.attempts[opened.attempt.id].state is AttemptState.FAILED


async def test_several_connections_of_one_sign_in_finish_nothing_and_go() -> None:
    house = by_cookie()
    opened = await connected_by_popup(house)
    house.nango.connect(opened.attempt.end_user_id, GRACE)

    treated = await house.reconcile()

    assert (FindingKind.COMPLETE, HEALED) in outcomes(treated)
    assert not house.nango_connections
    assert not house.users


async def test_what_a_failed_sign_in_made_late_is_deleted(house: House) -> None:
    started = await house.start_login(None, None)
    house.nango.fail("finish")
    with pytest.raises(UpstreamUnavailable):
        await house.come_back(started, house.nango.approval_by(ADA))
    house.clock.advance(LIFETIME)
    await house.sweep_attempts()
    house.nango.authorize(started.attempt.authorization, ADA)
    house.clock.advance(PERIOD)

    assert outcomes(await house.reconcile()) == [(FindingKind.DELETE, HEALED)]

    assert not house.nango_connections
    assert house.attempt_state(started) is AttemptState.FAILED


async def test_a_further_connection_of_a_finished_sign_in_is_deleted(house: House) -> None:
    collected = await house.sign_in(ADA)
    [ours] = house.nango_connections
    house.nango.connect(EndUserId(str(collected.user_id)), ADA)

    assert outcomes(await house.reconcile()) == [(FindingKind.DELETE, HEALED)]

    assert house.nango_connections == [ours]
    assert [row.id for row in house.connections] == [ours.id]


async def test_a_further_connection_of_a_repeated_login_is_deleted(house: House) -> None:
    await house.sign_in(ADA)
    started = await house.start_login(None, None)
    await house.come_back(started, house.nango.approval_by(ADA))
    await house.settle_connections()
    [ours] = house.nango_connections
    house.nango.connect(started.attempt.end_user_id, GRACE)

    assert outcomes(await house.reconcile()) == [(FindingKind.DELETE, HEALED)]

    assert house.nango_connections == [ours]


async def test_a_row_whose_connection_is_gone_goes_too_and_its_user_stays(house: House) -> None:
    await house.sign_in(ADA)
    house.nango.connections.clear()
    house.clock.advance(MINUTE)

    assert outcomes(await house.reconcile()) == [(FindingKind.RECHECK, HEALED)]

    assert not house.connections
    assert len(house.users) == 1


async def test_a_connection_tagged_for_another_is_tagged_back(house: House) -> None:
    collected = await house.sign_in(ADA)
    [connection] = house.nango_connections
    connection.end_user_id = connection.tagged_end_user_id = EndUserId("a stranger")
    house.clock.advance(MINUTE)

    assert outcomes(await house.reconcile()) == [(FindingKind.REASSIGN, HEALED)]

    assert connection.end_user_id == connection.tagged_end_user_id == str(collected.user_id)
    assert [row.user_id for row in house.connections] == [collected.user_id]


async def test_a_lost_row_is_made_again_when_github_names_the_same_person(house: House) -> None:
    collected = await house.sign_in(ADA)
    before = house.connections
    lose_rows(house)

    assert outcomes(await house.reconcile()) == [(FindingKind.ADOPT, HEALED)]

    assert [replace(row, checked_at=before[0].checked_at) for row in house.connections] == before
    assert house.connections[0].user_id == collected.user_id


async def test_a_connection_that_only_claims_to_be_the_users_is_not_adopted(house: House) -> None:
    collected = await house.sign_in(ADA)
    lose_rows(house)
    house.nango.connections.clear()
    house.nango.connect(EndUserId(str(collected.user_id)), GRACE)

    assert outcomes(await house.reconcile()) == [(FindingKind.ADOPT, HEALED)]

    assert not house.connections
    assert not house.nango_connections


@pytest.mark.parametrize(
    "oddity",
    [
        {"has_client_override": True},
        {"config_keys": frozenset({"odd"})},
        {"tagged_end_user_id": "other"},
        {"is_revoked": True},
    ],
    ids=str,
)
async def test_a_connection_that_proves_nothing_is_neither_adopted_nor_deleted(
    house: House, oddity: dict[str, object]
) -> None:
    await house.sign_in(ADA)
    [connection] = house.nango_connections
    lose_rows(house)
    for name, value in oddity.items():
        setattr(connection, name, value)

    assert outcomes(await house.reconcile()) == [(FindingKind.ADOPT, LEFT)]

    assert not house.connections
    assert house.nango_connections == [connection]


async def test_of_several_lost_connections_of_one_user_the_newest_survives(house: House) -> None:
    collected = await house.sign_in(ADA)
    lose_rows(house)
    newest = house.nango.connect(EndUserId(str(collected.user_id)), ADA)

    assert outcomes(await house.reconcile()) == [(FindingKind.ADOPT, HEALED)] * 2

    assert [one.id for one in house.nango_connections] == [newest] == [row.id for row in house.connections]


@pytest.mark.parametrize("end_user_id", [None, "somebody", "00000000-0000-4000-8000-000000000000"])
async def test_what_is_nobodys_of_ours_is_left_alone(house: House, end_user_id: str | None) -> None:
    house.nango.connect(EndUserId(end_user_id) if end_user_id else None, ADA)
    calls = house.nango.calls.copy()

    assert outcomes(await house.reconcile()) == [(FindingKind.FOREIGN, LEFT)]

    assert len(house.nango_connections) == 1
    assert house.nango.calls - calls == {"list_page": 1}


async def test_what_was_replaced_and_not_yet_deleted_is_deleted(house: House) -> None:
    await house.sign_in(ADA)
    started = await house.start_login(None, None)
    await house.come_back(started, house.nango.approval_by(ADA))
    house.clock.advance(MINUTE)

    assert {kind for kind, _ in await house.find()} == {FindingKind.REASSIGN, FindingKind.DELETE}
    await house.reconcile()

    assert len(house.connections) == len(house.nango_connections) == 1
    assert house.connections[0].is_settled


async def test_another_environment_is_taken_for_what_it_is(house: House) -> None:
    for number in range(MOST_UNLISTED + 2):
        await house.sign_in(replace(ADA, id=GitHubId(1000 + number)))
    house.clock.advance(10 * MINUTE)
    rows = list(house.connections)
    house.nango.connections.clear()

    with pytest.raises(UpstreamUnavailable, match="nothing was changed"):
        await house.reconcile()

    assert list(house.connections) == rows
