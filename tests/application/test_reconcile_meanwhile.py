"""A list is old by the time it is acted on: what has happened since is respected."""

from copy import deepcopy
from dataclasses import replace
from datetime import timedelta

import pytest

from application.ports.github_accounts import GitHubAccounts
from application.ports.provider_connections import ListedPage
from domain.attempt import LEASE as ATTEMPT_LEASE
from domain.attempt import LIFETIME, AttemptState
from domain.connection import ConnectionId, ConnectionKind, EndUserId
from domain.reconcile import FindingKind
from domain.user import GitHubAccount
from tests.application.house import House
from tests.application.reconciling import (
    HEALED,
    LEFT,
    MINUTE,
    interrupted,
    lose_rows,
    outcomes,
    reconcile_listing,
    reconcile_while,
    sign_in_many,
)
from tests.builders import ADA


async def test_a_connection_younger_than_the_grace_is_somebodys_work_in_progress(house: House) -> None:
    collected = await house.sign_in(ADA)
    house.nango.now = house.clock.now()
    house.nango.connect(EndUserId(str(collected.user_id)), ADA)

    assert await house.reconcile() == []
    house.clock.advance(timedelta(minutes=3))

    assert outcomes(await house.reconcile()) == [(FindingKind.DELETE, HEALED)]


async def test_a_row_that_comes_while_it_runs_is_respected(house: House) -> None:
    collected = await house.sign_in(ADA)
    rows = deepcopy(house.begin_work.tables.connections)
    lose_rows(house)
    calls = house.nango.calls.copy()

    assert await reconcile_while(house, lambda: house.begin_work.tables.connections.update(rows)) == [LEFT]

    assert house.nango.calls - calls == {"list_page": 1}
    assert [row.user_id for row in house.connections] == [collected.user_id]


async def test_a_row_that_comes_while_github_is_asked_is_not_made_twice(house: House) -> None:
    await house.sign_in(ADA)
    before = deepcopy(house.begin_work.tables.connections)
    lose_rows(house)
    adopt = house.heal_finding.clear_stray.adopt_connection

    class Slow(GitHubAccounts):
        async def behind(self, connection_id: ConnectionId) -> GitHubAccount:
            house.begin_work.tables.connections.update(before)
            return await adopt.github_accounts.behind(connection_id)

    stray = replace(house.heal_finding.clear_stray, adopt_connection=replace(adopt, github_accounts=Slow()))
    heal = replace(house.heal_finding, clear_stray=stray)
    reconciled = await replace(house.reconcile_logins, heal={ConnectionKind.LOGIN: heal})(is_wanted=True)

    assert reconciled is not None
    assert reconciled.treated == {HEALED: 1}
    assert house.begin_work.tables.connections == before


async def test_a_stray_that_has_another_end_user_by_now_is_not_deleted(house: House) -> None:
    collected = await house.sign_in(ADA)
    stray = house.nango.connect(EndUserId(str(collected.user_id)), ADA)

    def give_away() -> None:
        house.nango.connections[stray].end_user_id = EndUserId("somebody")

    assert await reconcile_while(house, give_away) == [LEFT]

    assert len(house.nango_connections) == 2


async def test_a_sign_in_that_somebody_else_takes_up_is_left_to_them(house: House) -> None:
    started = await interrupted(house)
    house.clock.advance(ATTEMPT_LEASE)
    attempts, calls = house.begin_work.tables.attempts, house.nango.calls.copy()

    def take_lease() -> None:
        attempt = attempts[started.attempt.id]
        attempts[attempt.id] = attempt.resting_as(attempt.state, house.clock.now() + MINUTE)

    assert await reconcile_while(house, take_lease) == [LEFT]

    house.clock.advance(LIFETIME)
    assert await reconcile_while(house, take_lease) == [LEFT]
    assert house.nango.calls - calls == {"list_page": 2}
    assert house.attempt_state(started) is AttemptState.PASSING


async def test_a_sign_in_that_expires_meanwhile_is_not_finished(house: House) -> None:
    await interrupted(house)
    house.clock.advance(ATTEMPT_LEASE)

    assert await reconcile_while(house, lambda: house.clock.advance(LIFETIME)) == [LEFT]

    assert not house.users


async def test_a_connection_that_was_read_back_meanwhile_is_not_read_again(house: House) -> None:
    await house.sign_in(ADA)
    house.nango.connections.clear()
    house.clock.advance(MINUTE)
    [row] = house.connections
    calls = house.nango.calls.copy()

    def check() -> None:
        house.begin_work.tables.connections[row.id] = replace(row, checked_at=house.clock.now())

    await reconcile_while(house, check)

    assert house.nango.calls - calls == {"list_page": 1}


async def test_a_list_of_several_pages_is_read_to_its_end_whatever_moves_meanwhile(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("application.reconcile.compare_connections.BATCH", 3)
    await sign_in_many(house, 7)
    house.nango.page_size = 3
    # The last of the first page is the first of the second, too.
    house.nango_connections[4].is_broken = True

    async def move(number: int, page: ListedPage) -> ListedPage:
        if number == 0:
            house.nango.connect(None, ADA)
        return page

    compared = (await reconcile_listing(house, move)).compared

    assert (compared.listed, compared.rows) == (7, 7)
    assert compared.counts == {FindingKind.RECHECK: 1}


async def test_a_nango_that_knows_no_pages_is_not_asked_for_ever(house: House) -> None:
    await sign_in_many(house, 3)

    async def same(_: int, page: ListedPage) -> ListedPage:
        return replace(page, is_last=False)

    assert (await reconcile_listing(house, same)).compared.listed == 3
    assert house.nango.calls["list_page"] == 2


async def test_a_sign_in_that_begins_and_ends_meanwhile_is_no_finding(house: House) -> None:
    async def sign_in(_: int, page: ListedPage) -> ListedPage:
        await house.sign_in(ADA)
        return page

    assert not (await reconcile_listing(house, sign_in)).compared.counts
    assert len(house.connections) == len(house.nango_connections) == 1
