"""Reconcile heals without any webhook, by reading again; it never widens what nobody proved."""

import asyncio
from collections.abc import Awaitable, Callable
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from itertools import cycle
from uuid import UUID

import pytest

from application.login.open_connect_ui import ConnectUiOpened
from application.login.start_login import LoginStarted
from application.ports.github_accounts import GitHubAccounts
from application.ports.provider_connections import ListedPage
from application.ports.reconcile_runs import RunId
from application.reconcile.lease import LEASE
from application.reconcile.reconcile_logins import MOST_OUTAGES, RETRY_AFTER, Reconciled
from application.reconcile.treatment import Treated, Treatment
from domain.connection import ConnectionId, ConnectionState, EndUserId
from domain.errors import UpstreamUnavailable
from domain.login import LEASE as ATTEMPT_LEASE
from domain.login import LIFETIME, AttemptState
from domain.reconcile import Finding, FindingKind
from domain.user import GitHubAccount, GitHubId, UserId
from tests.application.house import PERIOD, House
from tests.builders import ADA, GRACE

MINUTE = timedelta(minutes=1)
HEALED, LEFT, POSTPONED, FAILED = Treatment.HEALED, Treatment.LEFT, Treatment.POSTPONED, Treatment.FAILED


def outcomes(treated: list[Treated]) -> list[tuple[FindingKind, Treatment]]:
    return [(one.finding.kind, one.treatment) for one in treated]


def by_cookie() -> House:
    return House(is_bound_by_cookie=True)


async def interrupted(house: House, account: GitHubAccount = ADA) -> LoginStarted:
    """Bring a browser back, and let the process die when Nango has made the connection."""
    started = await house.start_login(None, None)
    house.nango.authorize(started.attempt.authorization, account)
    async with house.begin_work() as work:
        assert await work.login_attempts.move(started.attempt.passing(house.clock.now()))
    return started


async def connected_by_popup(house: House, account: GitHubAccount = ADA) -> ConnectUiOpened:
    opened = await house.open_connect_ui()
    house.nango.connect(opened.attempt.end_user_id, account)
    return opened


def lose_rows(house: House) -> None:
    house.begin_work.tables.connections.clear()


async def test_where_nothing_differs_it_costs_one_call_and_changes_nothing(house: House) -> None:
    await house.sign_in(ADA)
    await house.sign_in(GRACE)
    before, calls = deepcopy(house.begin_work.tables.connections), house.nango.calls.copy()
    house.clock.advance(MINUTE)

    assert await house.reconcile() == []

    assert house.nango.calls - calls == {"list_page": 1}
    assert house.begin_work.tables.connections == before


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
    assert {attempt.state for attempt in house.begin_work.tables.login_attempts.values()} == {AttemptState.OPEN}
    house.clock.advance(LIFETIME)
    assert outcomes(await house.reconcile()) == [(FindingKind.DELETE, HEALED)] * 2
    assert not house.nango_connections
    assert house.begin_work.tables.login_attempts[opened.attempt.id].state is AttemptState.FAILED


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


async def test_the_last_connection_that_works_is_not_deleted_for_one_that_does_not(house: House) -> None:
    collected = await house.sign_in(ADA)
    [ours] = house.nango_connections
    house.nango.connect(EndUserId(str(collected.user_id)), ADA)
    ours.is_broken = True
    house.clock.advance(MINUTE)
    house.nango.fail("read", UpstreamUnavailable("away"))

    assert outcomes(await house.reconcile()) == [(FindingKind.RECHECK, POSTPONED), (FindingKind.DELETE, LEFT)]
    assert len(house.nango_connections) == 2
    assert outcomes(await house.reconcile()) == [(FindingKind.RECHECK, HEALED), (FindingKind.DELETE, HEALED)]

    [survivor] = house.nango_connections
    assert survivor is not ours
    assert [(row.id, row.state) for row in house.connections] == [(survivor.id, ConnectionState.LIVE)]


@pytest.mark.parametrize("damage", ["is_broken", "is_revoked"])
async def test_a_connection_that_broke_and_one_that_works_again(house: House, damage: str) -> None:
    await house.sign_in(ADA)
    [connection] = house.nango_connections
    house.clock.advance(MINUTE)
    setattr(connection, damage, True)
    await house.reconcile()
    # What GitHub revoked Nango does not know: nobody asks for it in vain.
    assert house.connections[0].state is (ConnectionState.BROKEN if damage == "is_broken" else ConnectionState.LIVE)

    setattr(connection, damage, False)
    house.clock.advance(MINUTE)
    treated = await house.reconcile()

    [row] = house.connections
    assert (row.state, row.last_error) == (ConnectionState.LIVE, None)
    assert outcomes(treated) == ([(FindingKind.REVISIT, HEALED)] if damage == "is_broken" else [])


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


async def test_after_a_restored_backup_the_newer_connection_takes_the_place_of_the_one_that_is_gone(
    house: House,
) -> None:
    await house.sign_in(ADA)
    backup = deepcopy(house.begin_work.tables)
    await house.sign_in(ADA)
    [newer] = house.nango_connections
    house.begin_work.tables = backup
    house.clock.advance(MINUTE)

    treated = await house.reconcile()

    assert outcomes(treated) == [(FindingKind.RECHECK, HEALED), (FindingKind.DELETE, HEALED)]
    assert house.nango_connections == [newer]
    assert [(row.id, row.state) for row in house.connections] == [(newer.id, ConnectionState.LIVE)]


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


async def test_a_connection_younger_than_the_grace_is_somebodys_work_in_progress(house: House) -> None:
    collected = await house.sign_in(ADA)
    house.nango.now = house.clock.now()
    house.nango.connect(EndUserId(str(collected.user_id)), ADA)

    assert await house.reconcile() == []
    house.clock.advance(timedelta(minutes=3))

    assert outcomes(await house.reconcile()) == [(FindingKind.DELETE, HEALED)]


async def test_comparing_alone_changes_nothing() -> None:
    house = by_cookie()
    await connected_by_popup(house)
    gone, kept = await house.sign_in(GRACE), await house.sign_in(replace(ADA, id=GRACE.id, login="other"))
    house.nango.connect(EndUserId(str(kept.user_id)), ADA)
    house.nango.connect(None, ADA)
    house.nango.connect(EndUserId(str(UserId(gone.user_id))), ADA)
    house.clock.advance(LIFETIME)
    before = deepcopy((house.begin_work.tables, house.nango.connections))

    found = await house.find()

    assert {kind for kind, _ in found} == {FindingKind.DELETE, FindingKind.FOREIGN}
    assert before == (house.begin_work.tables, house.nango.connections)


class Meanwhile:
    """Lets something happen before a finding is looked at."""

    def __init__(self, house: House, happen: Callable[[], object]) -> None:
        self.heal, self.happen = house.reconcile_logins.heal_finding, happen

    async def __call__(self, finding: Finding) -> tuple[Treatment, str]:
        self.happen()
        return await self.heal(finding)


async def reconcile_while(house: House, happen: Callable[[], object]) -> list[Treatment]:
    """Run, with a list that is old by the time it is acted on; tell what became of the findings."""
    treated: list[Treated] = []
    heal = Meanwhile(house, happen)
    runs = replace(house.reconcile_logins, heal_finding=heal)  # pyright: ignore[reportArgumentType] - stands in for it
    assert await runs(is_wanted=True, tell=treated.append)
    return [one.treatment for one in treated]


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
    adopt = house.reconcile_logins.heal_finding.clear_stray.adopt_connection

    class Slow(GitHubAccounts):
        async def behind(self, connection_id: ConnectionId) -> GitHubAccount:
            house.begin_work.tables.connections.update(before)
            return await adopt.github_accounts.behind(connection_id)

    stray = replace(
        house.reconcile_logins.heal_finding.clear_stray, adopt_connection=replace(adopt, github_accounts=Slow())
    )
    heal = replace(house.reconcile_logins.heal_finding, clear_stray=stray)
    reconciled = await replace(house.reconcile_logins, heal_finding=heal)(is_wanted=True)

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
    attempts, calls = house.begin_work.tables.login_attempts, house.nango.calls.copy()

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


async def sign_in_many(house: House, count: int) -> None:
    for number in range(count):
        await house.sign_in(replace(ADA, id=GitHubId(number + 1)))
    house.clock.advance(MINUTE)


class Listing:
    """Lists as Nango does, with something done to each page."""

    def __init__(self, house: House, change: Callable[[int, ListedPage], Awaitable[ListedPage]]) -> None:
        self.real, self.change = house.compare_connections.provider_connections, change

    async def list_page(self, number: int) -> ListedPage:
        return await self.change(number, await self.real.list_page(number))


async def reconcile_listing(house: House, change: Callable[[int, ListedPage], Awaitable[ListedPage]]) -> Reconciled:
    listing = Listing(house, change)
    compare = replace(house.compare_connections, provider_connections=listing)  # pyright: ignore[reportArgumentType]
    reconciled = await replace(house.reconcile_logins, compare_connections=compare)(is_wanted=True)
    assert reconciled is not None
    return reconciled


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


async def test_what_one_run_does_not_keep_is_counted_and_left_for_the_next(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("application.reconcile.compare_connections.MOST_OF_A_KIND", 2)
    await sign_in_many(house, 3)
    house.nango.connections.clear()

    first = await house.reconcile_logins(is_wanted=True)
    second = await house.reconcile_logins(is_wanted=True)

    assert first is not None
    assert second is not None
    assert (first.compared.counts, first.treated) == ({FindingKind.RECHECK: 3}, {HEALED: 2})
    assert (first.is_complete, second.is_complete) == (False, True)
    assert not house.connections


async def test_of_those_that_are_broken_only_here_a_few_are_looked_at_those_longest_ago_first(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("application.reconcile.compare_connections.MOST_REVISITS", 2)
    await sign_in_many(house, 3)
    rows = house.begin_work.tables.connections
    for age, row in zip((2, 1, 3), house.connections, strict=True):
        rows[row.id] = row.broken("revoked", house.clock.now() - age * MINUTE)
        house.nango.connections[row.id].is_revoked = True
    [middle, newest, oldest] = rows

    looked_at = [[one.finding.connection_id for one in await house.reconcile()]]
    house.clock.advance(MINUTE)
    looked_at.append([one.finding.connection_id for one in await house.reconcile()])

    assert looked_at == [[oldest, middle], [newest, oldest]]


async def test_it_waits_for_calls_and_goes_on_where_it_was(house: House) -> None:
    for number in range(3):
        await house.sign_in(replace(ADA, id=GitHubId(number + 1)))
    for connection in house.nango_connections:
        connection.is_broken = True
    house.clock.advance(MINUTE)
    house.nango.fail("list_page", UpstreamUnavailable("no calls are left", timedelta(seconds=40)))
    house.nango.fail("read", UpstreamUnavailable("no calls are left", timedelta(seconds=50)), times=2)

    treated = await house.reconcile()

    assert outcomes(treated) == [(FindingKind.RECHECK, HEALED)] * 3
    assert house.slept == [40.1, 50.1, 50.1]
    assert {row.state for row in house.connections} == {ConnectionState.BROKEN}


async def test_a_pause_that_one_persons_token_needs_holds_nobody_else_up(house: House) -> None:
    for number in range(2):
        await house.sign_in(replace(ADA, id=GitHubId(number + 1)))
    for connection in house.nango_connections:
        connection.end_user_id = EndUserId("a stranger")
    house.clock.advance(MINUTE)
    house.nango.fail("behind", UpstreamUnavailable("GitHub's limit", timedelta(hours=1)))

    assert outcomes(await house.reconcile()) == [(FindingKind.REASSIGN, POSTPONED), (FindingKind.REASSIGN, HEALED)]
    assert house.slept == []


async def test_an_outage_ends_the_run_before_everything_was_tried(house: House) -> None:
    for number in range(MOST_OUTAGES + 3):
        await house.sign_in(replace(ADA, id=GitHubId(number + 1)))
    house.nango.connections.clear()
    house.clock.advance(MINUTE)
    house.nango.fail("read", times=100)

    house.nango.connect(None, ADA)

    treated = [one.treatment for one in await house.reconcile()]

    assert treated == [POSTPONED] * (MOST_OUTAGES + 3) + [LEFT]
    assert house.nango.calls["read"] == 2 * MOST_OUTAGES + 3
    assert len(house.connections) == MOST_OUTAGES + 3


async def test_only_outages_in_a_row_end_the_run(house: House) -> None:
    await sign_in_many(house, 2 * MOST_OUTAGES)
    house.nango.connections.clear()
    turns = cycle([True, False])

    def fail_every_other() -> None:
        if next(turns):
            house.nango.fail("read")

    treated = await reconcile_while(house, fail_every_other)

    assert treated == [POSTPONED, HEALED] * MOST_OUTAGES


async def test_a_bug_over_one_object_is_told_and_stops_no_other(house: House) -> None:
    for number in range(3):
        await house.sign_in(replace(ADA, id=GitHubId(number + 1)))
    house.nango.connections.clear()
    house.clock.advance(MINUTE)
    house.nango.fail("read", RuntimeError("bug"))  # pyright: ignore[reportArgumentType] - what nobody planned

    treated = await house.reconcile()

    assert [one.treatment for one in treated] == [FAILED, HEALED, HEALED]
    assert isinstance(treated[0].error, RuntimeError)


async def test_it_runs_when_it_is_due_and_not_before(house: House) -> None:
    assert await house.reconcile_logins() is not None
    assert await house.reconcile_logins() is None
    house.clock.advance(PERIOD - timedelta(seconds=1))
    assert await house.reconcile_logins() is None
    house.clock.advance(timedelta(seconds=1))

    assert await house.reconcile_logins() is not None


@pytest.mark.parametrize(("spread", "least"), [(0.0, PERIOD * 0.9), (1.0, PERIOD * 1.1)])
async def test_runs_are_spread_around_the_period(house: House, spread: float, least: timedelta) -> None:
    runs = replace(house.reconcile_logins, spread=lambda: spread)
    await runs()

    [stored] = house.begin_work.tables.reconcile_runs
    assert stored.due_at - house.clock.now() == least


async def test_one_that_failed_is_tried_again_soon(house: House) -> None:
    house.nango.fail("list_page")
    with pytest.raises(UpstreamUnavailable):
        await house.reconcile_logins()

    assert await house.reconcile_logins() is None
    house.clock.advance(RETRY_AFTER)
    assert await house.reconcile_logins() is not None


async def test_one_that_is_told_to_stop_makes_way_at_once(house: House) -> None:
    house.nango.fail("list_page", UpstreamUnavailable("no calls are left", timedelta(seconds=40)))
    waiting = asyncio.Event()

    async def sleep(_: float) -> None:
        waiting.set()
        await asyncio.Event().wait()

    run = asyncio.create_task(replace(house.reconcile_logins, sleep=sleep)())  # type: ignore[arg-type]
    await waiting.wait()
    assert await house.reconcile_logins(is_wanted=True) is None
    run.cancel()
    await asyncio.wait([run])

    assert await house.reconcile_logins() is not None


async def test_one_that_was_taken_for_dead_while_it_heals_stops(house: House) -> None:
    await sign_in_many(house, 2)
    house.nango.connections.clear()
    run = house.begin_work.tables.reconcile_runs

    def take_over() -> None:
        house.clock.advance(LEASE)
        run[0].run_id = RunId(UUID(int=0))

    with pytest.raises(UpstreamUnavailable, match="taken this run over"):
        await reconcile_while(house, take_over)

    assert len(house.connections) == 1


async def test_one_that_was_taken_for_dead_stops(house: House) -> None:
    await house.sign_in(ADA)
    house.nango.connections.clear()
    house.clock.advance(MINUTE)
    house.nango.fail("list_page", UpstreamUnavailable("no calls are left", timedelta(seconds=40)))

    async def hang(_: float) -> None:
        house.clock.advance(LEASE)
        assert await house.reconcile_logins() is not None
        house.clock.advance(MINUTE)

    with pytest.raises(UpstreamUnavailable, match="taken this run over"):
        await replace(house.reconcile_logins, sleep=hang)()
