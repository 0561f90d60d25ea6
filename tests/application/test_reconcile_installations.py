"""Reconcile of what is connected: whatever got lost, at Nango or here, is found without any webhook."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from application.reconcile.treatment import Treated, Treatment
from domain.approval import EXPIRES_AFTER, ApprovalState
from domain.attempt import LIFETIME, AttemptState
from domain.connection import ConnectionId, ConnectionState, EndUserId
from domain.errors import ConnectionBroken, UpstreamUnavailable
from domain.installation import InstallationId, InstallationState, connection_of, holder_of
from domain.reconcile import FindingKind
from domain.repository import Permission, RepositoryId
from domain.user import GitHubId, UserId
from tests.application.house import House
from tests.builders import ADA, GRACE
from tests.fakes.nango.model import FakeConnection

MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
HEALED, LEFT, FAILED = Treatment.HEALED, Treatment.LEFT, Treatment.FAILED


class Connected:
    """Ada's organisation, connected, some minutes ago."""

    def __init__(self, house: House, ada: UserId, acme: InstallationId) -> None:
        self.house, self.ada, self.acme = house, ada, acme

    @classmethod
    async def begin(cls, *, reads_access: bool = False) -> "Connected":
        house = House(reads_access=reads_access)
        acme = house.github.install(5001)
        house.github.give(ADA, Permission.WRITE, house.github.create(1, acme))
        ada = (await house.sign_in(ADA)).user_id
        await house.link(ada, ADA, acme)
        house.clock.advance(5 * MINUTE)
        return cls(house, ada, acme)

    @property
    def connection(self) -> FakeConnection:
        return self.house.links.connections[connection_of(self.acme)]

    async def found(self) -> list[tuple[FindingKind, Treatment]]:
        """Run, and tell of what the repository integration had."""
        return pairs(await self.house.reconcile())

    async def assert_whole(self) -> None:
        house = self.house
        assert await house.seen_by(self.ada) == ["acme/repository-1"]
        [row] = house.begin_work.tables.installation_connections.values()
        assert (row.id, row.state, row.is_settled) == (connection_of(self.acme), ConnectionState.LIVE, True)
        assert list(house.links.connections) == [connection_of(self.acme)]
        assert self.connection.end_user_id == holder_of(self.acme)
        assert await self.found() == []


def pairs(treated: list[Treated]) -> list[tuple[FindingKind, Treatment]]:
    return [(one.finding.kind, one.treatment) for one in treated]


async def test_where_nothing_differs_nothing_is_found() -> None:
    await (await Connected.begin()).assert_whole()


@pytest.mark.parametrize("reads_access", [True, False], ids=["by lists", "by roles"])
async def test_a_lost_row_is_written_anew(*, reads_access: bool) -> None:
    it = await Connected.begin(reads_access=reads_access)
    it.house.begin_work.tables.installation_connections.clear()

    found = await it.found()

    assert (FindingKind.ADOPT, HEALED) in found
    it.house.clock.advance(MINUTE)
    await it.assert_whole()


@pytest.mark.parametrize("reads_access", [True, False], ids=["by lists", "by roles"])
async def test_a_connection_that_was_deleted_in_nango_is_made_anew(*, reads_access: bool) -> None:
    it = await Connected.begin(reads_access=reads_access)
    del it.house.links.connections[it.connection.id]

    assert (FindingKind.RECHECK, HEALED) in await it.found()

    it.house.clock.advance(MINUTE)
    await it.assert_whole()


async def test_and_it_is_made_anew_though_the_only_one_who_is_asked_has_left_the_organisation() -> None:
    it = await Connected.begin(reads_access=True)
    it.house.github.take(ADA, RepositoryId(1))
    grace = (await it.house.sign_in(GRACE)).user_id
    del it.house.links.connections[it.connection.id]

    await it.found()
    it.house.github.give(GRACE, Permission.READ, RepositoryId(1))
    await it.house.proving.renew_hinted(grace)

    assert it.house.begin_work.tables.installations[it.acme].state is InstallationState.ACTIVE
    assert await it.house.seen_by(grace) == ["acme/repository-1"]


async def test_an_installation_that_is_gone_at_both_ends_is_noted_as_deleted() -> None:
    it = await Connected.begin(reads_access=True)
    del it.house.links.connections[it.connection.id]
    it.house.github.uninstall(it.acme)

    await it.found()

    assert it.house.begin_work.tables.installations[it.acme].state is InstallationState.DELETED
    assert await it.house.seen_by(it.ada) == []


async def test_one_that_was_given_to_somebody_else_is_given_back() -> None:
    it = await Connected.begin()
    it.connection.end_user_id = it.connection.tagged_end_user_id = EndUserId("somebody")

    assert await it.found() == [(FindingKind.REASSIGN, HEALED)]

    it.house.clock.advance(MINUTE)
    await it.assert_whole()


async def test_one_that_was_bound_to_another_installation_is_not_relied_on() -> None:
    it = await Connected.begin(reads_access=True)
    other = it.house.github.install(6666, "mallory-inc")
    it.house.github.create(66, other)
    it.connection.claims, it.connection.end_user_id = other, EndUserId("somebody")

    await it.found()
    it.house.clock.advance(HOUR + MINUTE)
    await it.found()

    assert it.connection.claims == it.acme
    assert await it.house.seen_by(it.ada) == ["acme/repository-1"]
    assert RepositoryId(66) not in it.house.begin_work.tables.repositories


async def test_one_that_broke_and_recovered_is_relied_on_again() -> None:
    it = await Connected.begin()
    it.connection.is_broken = True
    it.house.github.fail("make", ConnectionBroken("GitHub gives no token"))
    assert await it.found() == [(FindingKind.RECHECK, HEALED)]
    [row] = it.house.begin_work.tables.installation_connections.values()
    assert row.state is ConnectionState.BROKEN
    assert await it.house.seen_by(it.ada) == ["acme/repository-1"]

    it.house.clock.advance(MINUTE)
    it.connection.is_broken = False
    assert (FindingKind.REVISIT, HEALED) in await it.found()

    it.house.clock.advance(MINUTE)
    await it.assert_whole()


@pytest.mark.parametrize("state", ["finished", "expired"])
async def test_what_an_attempt_left_over_is_deleted(state: str) -> None:
    it = await Connected.begin()
    if state == "finished":
        it.house.links.fail("delete")
        await it.house.link(it.ada, ADA, it.acme)
    else:
        opened = await it.house.open_link_ui(it.ada)
        it.house.links.connect(opened.attempt.end_user_id, ADA)
    assert len(it.house.links.connections) == 2
    it.house.clock.advance(LIFETIME + MINUTE)

    assert (FindingKind.DELETE, HEALED) in await it.found()

    await it.assert_whole()


async def test_while_somebody_is_at_it_nothing_of_theirs_is_touched() -> None:
    it = await Connected.begin()
    started = await it.house.start_link(it.ada, None, installs=True)
    it.house.links.authorize(started.attempt.authorization, ADA)
    async with it.house.begin_work() as work:
        await work.attempts.move(started.attempt.passing(it.house.clock.now()))

    await it.found()

    assert len(it.house.links.connections) == 2
    assert it.house.attempt_state(started) is AttemptState.PASSING


async def test_a_link_whose_process_died_is_completed() -> None:
    house = House()
    acme = house.github.install(5001)
    house.github.give(ADA, Permission.WRITE, house.github.create(1, acme))
    ada = (await house.sign_in(ADA)).user_id
    started = await house.start_link(ada, None, installs=True)
    house.links.authorize(started.attempt.authorization, ADA)
    async with house.begin_work() as work:
        await work.attempts.move(started.attempt.passing(house.clock.now()))
    house.clock.advance(MINUTE)

    assert (FindingKind.COMPLETE, HEALED) in pairs(await house.reconcile())

    assert house.attempt_state(started) is AttemptState.FINISHED
    assert await house.seen_by(ada) == ["acme/repository-1"]


async def test_the_connection_of_a_request_that_ended_long_ago_is_not_left_behind() -> None:
    house = House()
    ada = (await house.sign_in(ADA)).user_id
    await house.ask_for_approval(ada, ADA)
    house.clock.advance(EXPIRES_AFTER)
    await house.forget_expired()
    async with house.begin_work() as work:
        [request] = await work.approval_requests.waiting_of(ada)
        await work.approval_requests.move(request.moved(ApprovalState.EXPIRED, house.clock.now(), "in a test"))

    treated = pairs(await house.reconcile())

    assert (FindingKind.DELETE, HEALED) in treated
    assert not house.links.connections


async def test_a_connection_of_nobody_of_ours_is_left_alone() -> None:
    it = await Connected.begin()
    it.house.links.connect(EndUserId("another app's user"), GRACE)
    it.house.clock.advance(5 * MINUTE)

    assert await it.found() == [(FindingKind.FOREIGN, LEFT)]

    assert len(it.house.links.connections) == 2


async def test_an_environment_that_lists_nothing_of_ours_has_nothing_changed() -> None:
    house = House()
    ada = (await house.sign_in(ADA)).user_id
    for number in range(1, 31):
        acme = house.github.install(5000 + number, f"acme-{number}")
        house.github.give(ADA, Permission.WRITE, house.github.create(number, acme))
    await house.link(ada, ADA)
    house.clock.advance(5 * MINUTE)
    rows = dict(house.begin_work.tables.installation_connections)
    house.links.connections.clear()

    with pytest.raises(UpstreamUnavailable, match="nothing was changed"):
        await house.reconcile_logins(is_wanted=True)

    assert house.begin_work.tables.installation_connections == rows
    assert not house.links.connections
    assert len(await house.seen_by(ada)) == 30


async def test_members_who_are_removed_without_any_event_lose_it_by_age() -> None:
    it = await Connected.begin(reads_access=True)
    grace = (await it.house.sign_in(GRACE)).user_id
    it.house.github.give(GRACE, Permission.READ, RepositoryId(1))
    await it.house.proving.renew_hinted(grace)
    it.house.github.take(GRACE, RepositoryId(1))

    for _ in range(20):
        it.house.clock.advance(HOUR)
        await it.house.reconcile()
        await it.house.renew_due()

    assert await it.house.seen_by(grace) == []
    assert await it.house.seen_by(it.ada) == ["acme/repository-1"]


async def test_a_repository_that_was_removed_without_any_event_is_gone_within_an_hour_or_so() -> None:
    it = await Connected.begin()
    it.house.github.give(ADA, Permission.READ, it.house.github.create(2, it.acme))
    del it.house.github.selected[RepositoryId(1)]
    it.house.clock.advance(HOUR)

    assert (FindingKind.REREAD, HEALED) in await it.found()
    await it.house.renew_due()

    assert await it.house.seen_by(it.ada) == ["acme/repository-2"]


@pytest.mark.parametrize("what", ["uninstalled", "suspended"])
async def test_an_installation_that_ended_without_any_event_shows_nothing_within_an_hour_or_so(what: str) -> None:
    it = await Connected.begin()
    if what == "uninstalled":
        it.house.github.uninstall(it.acme)
    else:
        it.house.github.suspend(it.acme)
    it.house.clock.advance(HOUR)

    await it.found()

    assert await it.house.seen_by(it.ada) == []


async def test_a_second_connection_of_an_installation_that_nobody_needs_is_deleted() -> None:
    it = await Connected.begin()
    started = await it.house.start_link(it.ada, None, installs=True)
    stray = it.house.links.connect(started.attempt.end_user_id, replace(ADA, id=GitHubId(77)))
    it.house.links.connections[stray].claims = it.acme
    it.house.clock.advance(LIFETIME + MINUTE)

    await it.found()

    assert ConnectionId(stray) not in it.house.links.connections
    await it.assert_whole()
