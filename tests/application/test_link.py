"""Connecting repositories: prove first, then connect."""

from datetime import timedelta

import pytest

from domain.attempt import AttemptState, LinkOutcome
from domain.connection import ConnectionId
from domain.errors import ConnectionBroken, StartAgain, UpstreamUnavailable
from domain.grant import ProofSource
from domain.installation import InstallationId, connection_of, holder_of
from domain.repository import Permission, RepositoryId
from domain.user import UserId
from tests.application.house import House
from tests.builders import ADA, GRACE

HOUR = timedelta(hours=1)


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def acme(house: House) -> InstallationId:
    """Return an installation with three repositories; Ada may write to two of them."""
    installation_id = house.github.install(5001)
    first, second, _ = (house.github.create(number, installation_id) for number in (1, 2, 3))
    house.github.give(ADA, Permission.WRITE, first, second)
    return installation_id


async def signed_in(house: House) -> UserId:
    return (await house.sign_in(ADA)).user_id


async def test_what_github_lists_for_the_person_is_there(house: House, acme: InstallationId) -> None:
    ada = await signed_in(house)

    attempt = await house.link(ada, ADA, acme)

    assert (attempt.state, attempt.outcome) == (AttemptState.FINISHED, LinkOutcome.LINKED)
    assert await house.seen_by(ada) == ["acme/repository-1", "acme/repository-2"]


async def test_one_connection_is_imported_and_the_temporary_one_is_gone(house: House, acme: InstallationId) -> None:
    ada = await signed_in(house)

    await house.link(ada, ADA, acme)

    assert list(house.links.connections) == [connection_of(acme)]
    assert house.links.connections[connection_of(acme)].end_user_id == holder_of(acme)
    [row] = house.begin_work.tables.installation_connections.values()
    assert row.installation_id == acme


async def test_a_grant_says_who_proved_it_and_when(house: House, acme: InstallationId) -> None:
    ada = await signed_in(house)
    await house.link(ada, ADA, acme)
    house.clock.advance(HOUR)

    explained = await house.explain_access(ada, RepositoryId(1))

    assert explained.grant is not None
    assert explained.grant.proof.source is ProofSource.LINK
    assert (explained.grant.permission, explained.age) == (Permission.WRITE, HOUR)


async def test_unknown_known_and_unproven_have_one_answer(house: House, acme: InstallationId) -> None:
    ada = await signed_in(house)
    await house.link(ada, ADA, acme)

    unproven, unknown = [await house.explain_access(ada, RepositoryId(number)) for number in (3, 4711)]

    assert unproven == unknown
    assert unproven.refusal == "GitHub did not confirm your access"


async def test_a_second_person_changes_nothing_for_the_first(house: House, acme: InstallationId) -> None:
    ada = await signed_in(house)
    await house.link(ada, ADA, acme)
    before = await house.seen_by(ada), dict(house.links.connections)
    house.github.give(GRACE, Permission.READ, RepositoryId(3))
    grace = (await house.sign_in(GRACE)).user_id

    await house.link(grace, GRACE, acme)

    assert await house.seen_by(grace) == ["acme/repository-3"]
    assert (await house.seen_by(ada), dict(house.links.connections)) == before


async def test_whoever_github_lists_nothing_for_is_shown_nothing(house: House, acme: InstallationId) -> None:
    grace = (await house.sign_in(GRACE)).user_id

    attempt = await house.link(grace, GRACE, acme)

    assert attempt.outcome is LinkOutcome.NOTHING_PROVEN
    assert await house.seen_by(grace) == []
    assert [(one.user_id, one.claim) for one in house.ended_links] == [(grace, acme)]
    assert not house.links.connections
    assert not house.begin_work.tables.installation_connections


async def test_the_account_that_authorises_has_to_be_the_one_that_is_signed_in(
    house: House, acme: InstallationId
) -> None:
    grace = (await house.sign_in(GRACE)).user_id

    with pytest.raises(StartAgain, match="another GitHub account"):
        await house.link(grace, ADA, acme)

    assert await house.seen_by(grace) == []
    assert not house.links.connections


async def test_an_installation_that_github_lists_late_is_waited_for(house: House) -> None:
    ada = await signed_in(house)
    acme = InstallationId(5001)
    house.meanwhile = lambda: house.github.give(
        ADA, Permission.ADMIN, house.github.create(1, house.github.install(5001, account_id=ADA.id))
    )

    attempt = await house.link(ada, ADA, acme)

    assert attempt.outcome is LinkOutcome.LINKED


@pytest.mark.usefixtures("acme")
async def test_a_failure_on_the_way_shows_nothing_and_the_same_callback_may_be_repeated(house: House) -> None:
    ada = await signed_in(house)
    started = await house.start_link(ada, "/welcome", installs=True)
    answer = house.links.approval_by(ADA)
    house.github.fail("seen_repositories")

    with pytest.raises(UpstreamUnavailable):
        await house.come_back_to_link(started, answer)
    assert await house.seen_by(ada) == []
    house.clock.advance(timedelta(seconds=30))
    attempt = await house.come_back_to_link(started, answer)

    assert attempt.return_to.url == "/welcome"
    assert await house.seen_by(ada) == ["acme/repository-1", "acme/repository-2"]


async def test_the_status_says_what_was_linked(house: House, acme: InstallationId) -> None:
    ada = await signed_in(house)
    attempt = await house.link(ada, ADA, acme)
    assert attempt.connection_id is not None

    status = await house.await_link(ada, attempt.connection_id, timedelta(0))
    of_somebody_else = await house.await_link((await house.sign_in(GRACE)).user_id, attempt.connection_id, timedelta(0))

    assert (status.is_ready, status.total, status.denied) == (True, 2, None)
    assert not of_somebody_else.is_ready
    assert not of_somebody_else.grants


async def test_the_status_says_why_there_is_nothing(house: House, acme: InstallationId) -> None:
    grace = (await house.sign_in(GRACE)).user_id
    attempt = await house.link(grace, GRACE, acme)

    status = await house.await_link(grace, attempt.connection_id or ConnectionId(""), timedelta(0))

    assert not status.is_ready
    assert status.denied == "GitHub did not confirm your access to anything that this installation covers"


async def test_proof_runs_at_sign_in_where_the_login_is_the_apps() -> None:
    house = House(reads_access=True)
    acme = house.github.install(5001)
    house.github.give(ADA, Permission.MAINTAIN, house.github.create(1, acme))

    ada = await signed_in(house)
    assert await house.renew_due() == 1

    assert await house.seen_by(ada) == ["acme/repository-1"]
    assert list(house.links.connections) == [connection_of(acme)]
    explained = await house.explain_access(ada, RepositoryId(1))
    assert explained.grant is not None
    assert explained.grant.proof.source is ProofSource.LOGIN


async def test_a_request_for_approval_ends_by_itself_as_soon_as_github_lists_the_installation() -> None:
    house = House()
    ada = await signed_in(house)
    attempt = await house.ask_for_approval(ada, ADA)
    assert attempt.connection_id is not None
    waiting = await house.await_link(ada, attempt.connection_id, timedelta(0))

    acme = house.github.install(5001)
    house.github.give(ADA, Permission.READ, house.github.create(1, acme))
    house.clock.advance(HOUR)
    await house.renew_due()
    await house.reconcile()
    status = await house.await_link(ada, attempt.connection_id, timedelta(0))

    assert (waiting.is_ready, waiting.is_pending) == (False, True)
    assert (status.is_ready, status.is_pending) == (True, False)
    assert await house.seen_by(ada) == ["acme/repository-1"]
    assert list(house.links.connections) == [connection_of(acme)]


async def test_a_connection_that_cannot_be_made_keeps_nobody_from_what_github_confirmed(
    house: House, acme: InstallationId
) -> None:
    ada = await signed_in(house)
    house.github.fail("make", ConnectionBroken("GitHub gives no token"))

    attempt = await house.link(ada, ADA, acme)
    await house.reconcile()

    assert attempt.outcome is LinkOutcome.LINKED
    assert await house.seen_by(ada) == ["acme/repository-1", "acme/repository-2"]
    assert list(house.links.connections) == [connection_of(acme)]
