"""What is wrong with one thing takes nothing from the others, and nothing for longer than it lasts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from application.ports.personal_access import Viewpoint
from domain.approval import ApprovalState
from domain.attempt import LinkOutcome
from domain.connection import ConnectionState
from domain.errors import ConnectionBroken, InstallationGone, ListTooLong, StartAgain, UpstreamUnavailable
from domain.installation import InstallationId, InstallationState, connection_of
from domain.reconcile import FindingKind
from domain.repository import Permission, RepositoryId, SeenRepository, Visibility
from domain.user import GitHubId, UserId
from tests.application.house import LINK, House, auth_webhook
from tests.builders import ADA, GRACE
from tests.fakes.installation_access import FakeInstallationAccess
from tests.fakes.personal_access import FakePersonalAccess

HOUR = timedelta(hours=1)
WRITE = Permission.WRITE


@pytest.fixture
def house() -> House:
    return House(reads_access=True)


@pytest.fixture
def acme(house: House) -> InstallationId:
    installation_id = house.github.install(5001)
    house.github.give(ADA, WRITE, house.github.create(1, installation_id))
    return installation_id


@pytest.fixture
def globex(house: House) -> InstallationId:
    installation_id = house.github.install(5002, "globex")
    house.github.give(ADA, WRITE, house.github.create(2, installation_id))
    return installation_id


class Unreadable(FakePersonalAccess):
    """GitHub refuses the list of one installation."""

    async def repositories(self, viewpoint: Viewpoint, installation_id: InstallationId) -> list[SeenRepository]:
        if installation_id == InstallationId(5001):
            raise UpstreamUnavailable("a policy of the organisation forbids it")
        return list(await super().repositories(viewpoint, installation_id))


class Misnamed(FakeInstallationAccess):
    """GitHub answers for whoever has the login name now."""

    async def permission_of(
        self, connection_id: object, repository_id: RepositoryId, login: str
    ) -> tuple[GitHubId, Permission] | None:
        del connection_id, repository_id, login
        return GRACE.id, Permission.ADMIN


async def ada_in(house: House) -> UserId:
    user_id = (await house.sign_in(ADA)).user_id
    await house.renew_due()
    return user_id


def unreadable(house: House) -> House:
    house.proving = replace(house.proving, personal_access=Unreadable(house.github))
    return house


@pytest.mark.usefixtures("acme", "globex")
async def test_an_installation_that_cannot_be_read_blocks_no_other(house: House) -> None:
    ada = (await house.sign_in(ADA)).user_id

    await unreadable(house).proving.renew_access(ada)

    assert await house.seen_by(ada) == ["globex/repository-2"]


async def test_whoever_lost_access_cannot_put_that_off_by_an_installation_that_cannot_be_read(
    house: House, acme: InstallationId, globex: InstallationId
) -> None:
    ada = await ada_in(house)
    house.github.take(ADA, RepositoryId(2))
    house.clock.advance(HOUR)

    with pytest.raises(UpstreamUnavailable):
        await unreadable(house).proving.renew_access(ada)

    assert await house.seen_by(ada) == ["acme/repository-1"]
    proofs = {proof.installation_id: proof for proof in house.begin_work.tables.proofs.values()}
    assert globex not in proofs
    assert proofs[acme].closes_at == proofs[acme].proved_at + 48 * HOUR


async def test_one_refused_token_is_no_deletion(house: House, acme: InstallationId) -> None:
    ada = await ada_in(house)
    house.github.fail("repositories", InstallationGone("401"))

    await house.proving.reread_installation(acme)

    assert await house.seen_by(ada) == ["acme/repository-1"]
    assert house.begin_work.tables.installations[acme].is_active


async def test_what_was_taken_for_deleted_comes_back_when_github_lists_it(house: House, acme: InstallationId) -> None:
    ada = await ada_in(house)
    house.github.fail("repositories", InstallationGone("401"))
    house.github.fail("make", ConnectionBroken("no token"))
    await house.proving.reread_installation(acme)
    assert house.begin_work.tables.installations[acme].state is InstallationState.DELETED

    house.clock.advance(HOUR)
    await house.proving.renew_access(ada)

    assert await house.seen_by(ada) == ["acme/repository-1"]


async def test_a_stale_word_of_a_deletion_takes_nothing_that_was_proven_since(
    house: House, acme: InstallationId
) -> None:
    ada = await ada_in(house)
    began = house.clock.now()
    house.clock.advance(HOUR)
    await house.proving.renew_access(ada)
    installation = house.begin_work.tables.installations[acme]

    async with house.begin_work() as work:
        known = await work.installations.remember(installation.deleted(began))

    assert known.is_active
    assert await house.seen_by(ada) == ["acme/repository-1"]


async def test_a_suspended_installation_is_not_asked_for_again_and_again(house: House, acme: InstallationId) -> None:
    ada = await ada_in(house)
    house.github.suspend(acme)
    house.clock.advance(19 * HOUR)

    assert await house.proving.renew_access(ada) is None


async def test_a_hiccup_early_in_the_day_prolongs_nothing_once_github_can_be_asked(
    house: House, acme: InstallationId
) -> None:
    ada = await ada_in(house)
    house.clock.advance(HOUR)
    house.github.fail("person")
    with pytest.raises(UpstreamUnavailable):
        await house.proving.renew_access(ada)
    [login] = house.nango_connections
    login.is_revoked = True
    house.links.connections[connection_of(acme)].is_broken = True

    await house.proving.renew_access(ada)
    house.clock.advance(24 * HOUR)

    assert await house.seen_by(ada) == []


async def test_a_role_counts_only_if_it_is_the_persons_own() -> None:
    house = House()
    acme = house.github.install(5001)
    house.github.give(GRACE, Permission.ADMIN, house.github.create(1, acme, visibility=Visibility.PRIVATE))
    house.github.person(ADA)
    ada = (await house.sign_in(ADA)).user_id
    await house.link((await house.sign_in(GRACE)).user_id, GRACE, acme)
    misnamed = replace(house.proving, installation_access=Misnamed(house.github))
    [user] = [one for one in house.users if one.id == ada]

    await misnamed.prove_by_role(user, acme, connection_of(acme))

    assert await house.seen_by(ada) == []


@pytest.mark.parametrize("odd", [{"config_keys": frozenset({"evil"})}, {"has_client_override": True}], ids=str)
async def test_a_link_authorised_in_another_way_than_ours_proves_nothing(
    house: House, acme: InstallationId, odd: dict[str, object]
) -> None:
    ada = (await house.sign_in(ADA)).user_id
    started = await house.start_link(ada, None, installs=True)
    answer = replace(house.links.approval_by(ADA), code=house.links.code_for(ADA, **odd), claim=acme)  # pyright: ignore[reportArgumentType] - by name

    with pytest.raises(StartAgain, match="refused"):
        await house.come_back_to_link(started, answer)

    assert await house.seen_by(ada) == []
    assert not house.links.connections


async def test_a_webhook_about_a_connection_bound_elsewhere_lets_go_of_it(
    house: House, acme: InstallationId, globex: InstallationId
) -> None:
    ada = await ada_in(house)
    house.links.connections[connection_of(acme)].claims = globex
    house.clock.advance(HOUR)

    await house.hear({**auth_webhook(connection_of(acme)), "providerConfigKey": LINK, "operation": "override"})

    rows = house.begin_work.tables.installation_connections
    assert rows[connection_of(acme)].state is not ConnectionState.LIVE or (
        house.links.connections[connection_of(acme)].claims == acme
    )
    assert await house.seen_by(ada) == ["acme/repository-1", "globex/repository-2"]


async def test_asking_an_owner_undoes_no_leave(house: House, acme: InstallationId) -> None:
    ada = await ada_in(house)
    await house.disconnect.for_oneself(ada, acme)

    await house.ask_for_approval(ada, ADA)
    house.clock.advance(HOUR)
    await house.proving.renew_access(ada)

    assert await house.seen_by(ada) == []


async def test_a_try_of_somebody_else_undoes_no_leave(house: House, acme: InstallationId) -> None:
    ada = await ada_in(house)
    await house.disconnect.for_oneself(ada, acme)

    with pytest.raises(StartAgain):
        await house.link(ada, GRACE, acme)
    house.clock.advance(HOUR)
    await house.proving.renew_access(ada)

    assert await house.seen_by(ada) == []


async def test_at_most_five_requests_of_one_person_wait(house: House) -> None:
    ada = (await house.sign_in(ADA)).user_id

    for _ in range(7):
        house.clock.advance(HOUR)
        await house.ask_for_approval(ada, ADA)
    house.clock.advance(HOUR)
    treated = await house.reconcile()

    states = [one.state for one in house.begin_work.tables.approval_requests.values()]
    assert (states.count(ApprovalState.REQUESTED), states.count(ApprovalState.EXPIRED)) == (5, 2)
    assert len(house.links.connections) == 5
    assert [one.finding.kind for one in treated].count(FindingKind.APPROVAL) == 1


async def test_an_installation_on_ones_own_account_answers_no_request(house: House) -> None:
    ada = (await house.sign_in(ADA)).user_id
    await house.ask_for_approval(ada, ADA)
    own = house.github.install(5003, ADA.login, account_id=ADA.id)
    house.github.create(3, own)

    house.clock.advance(HOUR)
    await house.proving.renew_access(ada)

    [request] = house.begin_work.tables.approval_requests.values()
    assert request.is_waiting


async def test_a_hint_about_a_person_with_too_long_a_list_is_left_to_the_background(
    house: House, acme: InstallationId
) -> None:
    ada = await ada_in(house)
    house.clock.advance(HOUR)
    house.github.fail("seen_repositories", ListTooLong("too long"))

    said = await house.proving.renew_hinted(ada)

    assert "background" in said
    assert await house.renew_due() == 1
    assert acme in house.begin_work.tables.installations


async def test_a_cancelled_second_tab_does_not_speak_for_the_first(house: House) -> None:
    ada = (await house.sign_in(ADA)).user_id
    await house.open_link_ui(ada)
    house.clock.advance(timedelta(seconds=1))
    second = await house.start_link(ada, None, installs=True)
    with pytest.raises(Exception, match="not authorised"):
        await house.come_back_to_link(second, house.links.denial())

    status = await house.await_link(ada, connection_of(InstallationId(1)), timedelta(0))

    assert status.denied is None


async def test_a_connection_that_nobody_relies_on_is_deleted_by_reconcile(house: House, acme: InstallationId) -> None:
    await ada_in(house)
    house.begin_work.tables.proofs.clear()
    house.begin_work.tables.grants.clear()
    house.clock.advance(HOUR)

    await house.reconcile()

    assert connection_of(acme) not in house.links.connections
    assert not house.begin_work.tables.installation_connections


async def test_a_connection_whose_end_user_nango_lost_is_given_back(house: House, acme: InstallationId) -> None:
    await ada_in(house)
    lost = house.links.connections[connection_of(acme)]
    lost.end_user_id = lost.tagged_end_user_id = None
    house.clock.advance(HOUR)

    await house.reconcile()

    assert house.links.connections[connection_of(acme)].end_user_id == connection_of(acme)


async def test_linking_tells_why_when_the_expected_installation_cannot_be_read(
    house: House, acme: InstallationId, globex: InstallationId
) -> None:
    ada = (await house.sign_in(ADA)).user_id
    linked = await house.link(ada, ADA, globex)
    assert linked.outcome is LinkOutcome.LINKED
    house.github.fail("seen_repositories", times=9)

    with pytest.raises(UpstreamUnavailable):
        await house.link(ada, ADA, acme)
