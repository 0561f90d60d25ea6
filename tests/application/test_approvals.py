"""A member asks an owner for the App: how that ends, whoever tells of it, or nobody."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import pytest

from application.repositories.await_link import LinkStatus
from domain.approval import EXPIRES_AFTER, ApprovalRequest, ApprovalState
from domain.attempt import Attempt
from domain.connection import ConnectionId
from domain.delivery import Json
from domain.installation import InstallationId, connection_of
from domain.repository import Permission
from domain.user import UserId
from tests.application.house import LINK, House, auth_webhook
from tests.builders import ADA, GRACE
from tests.fixtures.github_examples import about

NOW: Final = timedelta(0)
MINUTE: Final = timedelta(minutes=1)
REQUESTED, APPROVED, EXPIRED = ApprovalState.REQUESTED, ApprovalState.APPROVED, ApprovalState.EXPIRED


@dataclass(slots=True)
class Asker:
    """Ada, who asks owners for the App."""

    house: House
    user_id: UserId

    @classmethod
    async def signed_in(cls, *, reads_access: bool = False) -> "Asker":
        house = House(reads_access=reads_access)
        return cls(house, (await house.sign_in(ADA)).user_id)

    async def ask(self) -> Attempt:
        self.house.clock.advance(MINUTE)
        return await self.house.ask_for_approval(self.user_id, ADA)

    async def status(self, attempt: Attempt, wait: timedelta = NOW) -> LinkStatus:
        return await self.house.await_link(self.user_id, attempt.connection_id or ConnectionId(""), wait)

    async def requests(self) -> list[ApprovalRequest]:
        """List what was asked for, oldest first."""
        return list(reversed((await self.house.list_installations(self.user_id)).requests))

    async def states(self) -> list[ApprovalState]:
        return [one.state for one in await self.requests()]

    def approve(self, number: int = 5001, account: str = "acme") -> InstallationId:
        """Have an owner install the App, with a repository that Ada may read."""
        installation_id = self.house.github.install(number, account)
        self.house.github.give(ADA, Permission.READ, self.house.github.create(number, installation_id))
        return installation_id

    def bind(self, attempt: Attempt, installation_id: InstallationId) -> None:
        """Let Nango put the installation's token into the connection that waits, as it does upon the event."""
        assert attempt.connection_id is not None
        self.house.links.connections[attempt.connection_id].claims = installation_id

    async def run(self, time: timedelta, step: timedelta = 10 * MINUTE) -> None:
        passed = NOW
        while passed < time:
            self.house.clock.advance(step)
            passed += step
            await self.house.renew_due()


async def by_event(ada: Asker, attempt: Attempt, installation_id: InstallationId) -> None:
    requester: Json = {"login": ADA.login, "id": int(ADA.id), "type": "User"}
    event = about("installation", "created", installation=installation_id, sender=int(GRACE.id))
    ada.bind(attempt, installation_id)
    await ada.house.hear(event | {"requester": requester}, {"x-github-event": "installation"})


async def by_override(ada: Asker, attempt: Attempt, installation_id: InstallationId) -> None:
    ada.bind(attempt, installation_id)
    body = auth_webhook(str(attempt.connection_id), providerConfigKey=LINK, operation="override", authMode="APP")
    assert "endUser" not in body
    await ada.house.hear(body)


async def by_reconcile(ada: Asker, attempt: Attempt, installation_id: InstallationId) -> None:
    ada.bind(attempt, installation_id)
    await ada.house.reconcile()


async def by_nothing(ada: Asker, attempt: Attempt, installation_id: InstallationId) -> None:
    # The second approval of one person fails inside Nango, and nothing is sent.
    assert attempt.connection_id is not None
    assert ada.house.links.connections[attempt.connection_id].claims != installation_id
    await ada.run(20 * MINUTE)


Told = Callable[[Asker, Attempt, InstallationId], Awaitable[None]]
WAYS: Final[dict[str, Told]] = {
    "event": by_event,
    "override": by_override,
    "reconcile": by_reconcile,
    "nothing": by_nothing,
}


@pytest.mark.parametrize("reads_access", [True, False], ids=["by the login", "by what waits"])
@pytest.mark.parametrize("way", WAYS)
async def test_an_approval_ends_by_itself_with_what_was_asked_for(way: str, *, reads_access: bool) -> None:
    ada = await Asker.signed_in(reads_access=reads_access)
    attempt = await ada.ask()
    waiting = await ada.status(attempt)
    ada.house.clock.advance(MINUTE)
    acme = ada.approve()

    await WAYS[way](ada, attempt, acme)
    status = await ada.status(attempt)

    assert (waiting.is_ready, waiting.is_pending, waiting.denied) == (False, True, None)
    assert (status.is_ready, status.is_pending) == (True, False)
    assert await ada.house.seen_by(ada.user_id) == ["acme/repository-5001"]
    [request] = await ada.requests()
    assert (request.state, request.account, request.installation_id) == (APPROVED, "acme", acme)
    assert [(line.state, line.reason) for line in request.history] == [(APPROVED, "the App is installed on acme")]
    assert list(ada.house.links.connections) == [connection_of(acme)]


@pytest.mark.parametrize("way", ["event", "override", "reconcile"])
async def test_what_is_said_of_it_twice_is_as_said_once(way: str) -> None:
    ada = await Asker.signed_in()
    attempt = await ada.ask()
    acme = ada.approve()
    await WAYS[way](ada, attempt, acme)
    requests = await ada.requests()

    ada.house.clock.advance(MINUTE)
    await ada.house.reconcile()
    await ada.house.hear(auth_webhook(str(attempt.connection_id), providerConfigKey=LINK, operation="override"))

    assert await ada.requests() == requests
    assert await ada.house.seen_by(ada.user_id) == ["acme/repository-5001"]


async def test_who_waits_for_the_status_hears_of_it_at_once() -> None:
    ada = await Asker.signed_in()
    attempt = await ada.ask()
    asked = asyncio.create_task(ada.status(attempt, timedelta(seconds=25)))
    for _ in range(10):
        await asyncio.sleep(0)
    assert not asked.done()

    await by_event(ada, attempt, ada.approve())
    status = await asyncio.wait_for(asked, 5)

    assert (status.is_ready, status.total) == (True, 1)


async def test_a_second_request_that_nango_drops_is_found_all_the_same() -> None:
    ada = await Asker.signed_in()
    first, second = await ada.ask(), await ada.ask()
    ada.house.clock.advance(MINUTE)
    await by_event(ada, first, ada.approve())
    between = await ada.states()
    ada.approve(5002, "other")

    await ada.run(20 * MINUTE)

    assert between == [APPROVED, REQUESTED]
    assert await ada.states() == [APPROVED, APPROVED]
    assert [one.account for one in await ada.requests()] == ["acme", "other"]
    assert (await ada.status(second)).is_ready
    assert await ada.house.seen_by(ada.user_id) == ["acme/repository-5001", "other/repository-5002"]


async def test_several_at_once_are_answered_one_by_one_by_several_installations() -> None:
    ada = await Asker.signed_in(reads_access=True)
    for _ in range(3):
        await ada.ask()
    ada.house.clock.advance(MINUTE)
    for number, account in ((5001, "acme"), (5002, "other")):
        ada.approve(number, account)

    await ada.house.reconcile()

    assert sorted(await ada.states()) == [APPROVED, APPROVED, REQUESTED]
    assert len({one.installation_id for one in await ada.requests()}) == 3


async def test_what_was_listed_before_answers_nothing() -> None:
    ada = await Asker.signed_in(reads_access=True)
    ada.approve(5000, "before")
    attempt = await ada.ask()

    await ada.run(timedelta(hours=1))

    assert (await ada.status(attempt)).is_pending
    assert await ada.house.seen_by(ada.user_id) == ["before/repository-5000"]


@pytest.mark.parametrize("reads_access", [True, False], ids=["by the login", "by what waits"])
async def test_an_approval_by_an_owner_that_shows_the_person_nothing_answers_nothing(*, reads_access: bool) -> None:
    ada = await Asker.signed_in(reads_access=reads_access)
    attempt = await ada.ask()
    installation_id = ada.house.github.install(5001)
    ada.house.github.create(1, installation_id)

    await by_override(ada, attempt, installation_id)

    assert await ada.states() == [REQUESTED]
    assert not ada.house.begin_work.tables.grants


TROUBLES: Final = ["none", "deleted in Nango", "broken", "revoked", "without the person's token", "without any login"]


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_what_nobody_answers_expires_after_thirty_days(trouble: str) -> None:
    ada = await Asker.signed_in()
    attempt = await ada.ask()
    assert attempt.connection_id is not None
    connection = ada.house.links.connections[attempt.connection_id]
    match trouble:
        case "deleted in Nango":
            del ada.house.links.connections[connection.id]
        case "broken":
            connection.is_broken = True
        case "revoked":
            connection.is_revoked = True
        case "without the person's token":
            connection.claims, connection.has_lost_person = 4711, True
        case "without any login":
            ada.house.begin_work.tables.connections.clear()
        case _:
            pass

    await ada.run(EXPIRES_AFTER - timedelta(hours=6), timedelta(hours=6))
    before = await ada.states()
    await ada.run(timedelta(hours=7), timedelta(hours=1))

    assert (before, await ada.states()) == ([REQUESTED], [EXPIRED])
    assert not ada.house.links.connections
    status = await ada.status(attempt)
    assert (status.is_ready, status.is_pending, status.denied) == (False, False, "the request is expired")


async def test_an_answer_that_comes_late_counts_where_the_login_can_prove_it() -> None:
    ada = await Asker.signed_in(reads_access=True)
    attempt = await ada.ask()
    await ada.run(EXPIRES_AFTER, timedelta(hours=12))
    assert await ada.states() == [EXPIRED]
    ada.approve()

    await ada.house.proving.renew_hinted(ada.user_id)

    [request] = await ada.requests()
    assert request.state is APPROVED
    assert [line.state for line in request.history] == [EXPIRED, APPROVED]
    assert (await ada.status(attempt)).is_ready
    assert await ada.house.seen_by(ada.user_id) == ["acme/repository-5001"]


async def test_an_answer_counts_though_nango_lost_the_persons_token() -> None:
    ada = await Asker.signed_in()
    attempt = await ada.ask()
    acme = ada.approve()
    assert attempt.connection_id is not None
    ada.house.links.connections[attempt.connection_id].has_lost_person = True

    await by_override(ada, attempt, acme)

    assert await ada.states() == [APPROVED]
    assert await ada.house.seen_by(ada.user_id) == ["acme/repository-5001"]


async def test_whoever_is_asked_for_is_not_told_of_by_the_requests_of_others() -> None:
    ada = await Asker.signed_in()
    await ada.ask()
    grace = (await ada.house.sign_in(GRACE)).user_id

    assert (await ada.house.list_installations(grace)).requests == []


async def test_a_waiting_connection_is_no_stray_to_reconcile() -> None:
    ada = await Asker.signed_in()
    attempt = await ada.ask()

    await ada.run(timedelta(days=3), timedelta(hours=6))
    await ada.house.forget_expired()
    await ada.house.reconcile()

    assert list(ada.house.links.connections) == [attempt.connection_id]
    assert await ada.states() == [REQUESTED]


async def test_a_status_asked_days_later_still_says_that_an_owner_is_waited_for() -> None:
    ada = await Asker.signed_in()
    attempt = await ada.ask()
    await ada.run(timedelta(days=3), timedelta(hours=6))
    await ada.house.forget_expired()

    waiting = await ada.status(attempt)
    await by_override(ada, attempt, ada.approve())
    status = await ada.status(attempt)

    assert (waiting.is_ready, waiting.is_pending) == (False, True)
    assert (status.is_ready, status.is_pending, status.total) == (True, False, 1)


async def test_another_persons_request_is_told_to_nobody_however_late() -> None:
    ada = await Asker.signed_in()
    attempt = await ada.ask()
    assert attempt.connection_id is not None
    await ada.run(timedelta(days=3), timedelta(hours=6))
    await ada.house.forget_expired()
    grace = (await ada.house.sign_in(GRACE)).user_id

    status = await ada.house.await_link(grace, attempt.connection_id, NOW)

    assert (status.is_ready, status.request, status.denied) == (False, None, None)
