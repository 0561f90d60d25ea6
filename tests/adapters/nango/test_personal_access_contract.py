from datetime import datetime

import pytest

from application.ports.personal_access import Viewpoint
from domain.connection import ConnectionId
from domain.errors import AccessNotReadable, ConnectionBroken, ConnectionNotFound, InstallationSuspended
from domain.grant import ProofSource
from domain.installation import AccountType, InstallationId, InstallationState, RepositorySelection
from domain.repository import Permission, RepositoryId, Visibility
from domain.user import GitHubAccount
from tests.adapters.nango.github_harness import (
    ADA,
    ATLAS,
    BEACON,
    GARDEN,
    GRACE,
    HANDBOOK,
    INSTALLATION,
    NOTES,
    ORGANIZATION,
    SAM,
    GitHubHarness,
    Way,
)

NOBODYS = Viewpoint(connection_id=ConnectionId("nope"), source=ProofSource.LOGIN)
ways = pytest.mark.parametrize("way", Way)


@ways
async def test_a_token_is_the_one_of_who_gave_it(github: GitHubHarness, way: Way) -> None:
    viewpoint = await github.connect(GRACE, way)

    person = await github.personal.person(viewpoint)

    assert (person.id, person.login) == (GRACE.id, GRACE.login)


async def test_a_renamed_person_is_called_by_their_new_name(github: GitHubHarness) -> None:
    viewpoint = await github.login(GRACE)
    await github.trouble.rename(GRACE, "grace-of-old")

    person = await github.personal.person(viewpoint)

    assert (person.id, person.login) == (GRACE.id, "grace-of-old")


async def test_an_installation_says_where_it_is_and_how_much_it_covers(github: GitHubHarness) -> None:
    [installation] = await github.personal.installations(await github.login(ADA))

    assert installation.id == INSTALLATION
    assert (installation.account_id, installation.account) == (9_100_001, ORGANIZATION)
    assert installation.account_type is AccountType.ORGANIZATION
    assert installation.selection is RepositorySelection.SELECTED
    assert installation.state is InstallationState.ACTIVE
    assert isinstance(installation.checked_at, datetime)
    assert installation.checked_at.tzinfo is not None


async def test_a_suspended_installation_is_listed_too(github: GitHubHarness) -> None:
    viewpoint = await github.login(ADA)
    await github.trouble.suspend()

    [installation] = await github.personal.installations(viewpoint)

    assert installation.state is InstallationState.SUSPENDED


async def test_a_suspended_installation_shows_its_repositories_to_nobody(github: GitHubHarness) -> None:
    viewpoint = await github.login(ADA)
    await github.trouble.suspend()

    with pytest.raises(InstallationSuspended):
        await github.personal.repositories(viewpoint, INSTALLATION)


async def test_an_installation_that_is_gone_is_not_listed(github: GitHubHarness) -> None:
    viewpoint = await github.login(ADA)
    await github.trouble.uninstall()

    assert await github.personal.installations(viewpoint) == []
    assert await github.personal.repositories(viewpoint, INSTALLATION) == []


@ways
async def test_each_person_sees_what_was_given_to_them(github: GitHubHarness, way: Way) -> None:
    async def seen_by(person: GitHubAccount) -> dict[RepositoryId, Permission]:
        viewpoint = await github.connect(person, way)
        return {
            one.repository.id: one.permission for one in await github.personal.repositories(viewpoint, INSTALLATION)
        }

    assert await seen_by(ADA) == {ATLAS: Permission.ADMIN, BEACON: Permission.ADMIN}
    assert await seen_by(GRACE) == {ATLAS: Permission.READ, BEACON: Permission.WRITE}
    assert await seen_by(SAM) == {ATLAS: Permission.READ}


async def test_a_repository_is_described(github: GitHubHarness) -> None:
    atlas, beacon = await github.personal.repositories(await github.login(ADA), INSTALLATION)

    assert [one.repository.id for one in (atlas, beacon)] == [ATLAS, BEACON]
    assert (atlas.repository.full_name, beacon.repository.full_name) == (
        "northwind-labs/atlas",
        "northwind-labs/beacon",
    )
    assert (atlas.repository.visibility, beacon.repository.visibility) == (Visibility.PUBLIC, Visibility.PRIVATE)
    assert atlas.repository.owner_id == 9_100_001
    assert atlas.repository.default_branch == "main"
    assert not atlas.repository.is_archived
    assert atlas.repository.url.endswith("/northwind-labs/atlas")


async def test_many_repositories_come_complete_and_in_order(github: GitHubHarness) -> None:
    await github.trouble.add_repositories(450)

    seen = [one.repository.id for one in await github.personal.repositories(await github.login(ADA), INSTALLATION)]

    assert len(seen) >= 452
    assert seen == sorted(set(seen))


async def test_an_unknown_installation_shows_nothing(github: GitHubHarness) -> None:
    assert await github.personal.repositories(await github.login(ADA), InstallationId(999)) == []


async def test_one_repository_is_seen_as_the_person_sees_it(github: GitHubHarness) -> None:
    viewpoint = await github.login(GRACE)

    beacon = await github.personal.repository(viewpoint, BEACON)

    assert beacon is not None
    assert (beacon.repository.id, beacon.permission) == (BEACON, Permission.WRITE)
    assert await github.personal.repository(viewpoint, HANDBOOK) is None
    assert await github.personal.repository(viewpoint, NOTES) is None
    assert await github.personal.repository(viewpoint, RepositoryId(1)) is None


async def test_what_is_public_can_be_read_by_everybody_and_was_given_to_nobody(github: GitHubHarness) -> None:
    viewpoint = await github.login(GRACE)

    garden = await github.personal.repository(viewpoint, GARDEN)

    assert garden is not None
    assert garden.permission is Permission.READ
    assert [one.id for one in await github.personal.installations(viewpoint)] == [INSTALLATION]


async def test_a_token_of_another_app_cannot_tell(github: GitHubHarness) -> None:
    viewpoint = await github.connect_oauth_app(ADA)

    assert (await github.personal.person(viewpoint)).id == ADA.id
    with pytest.raises(AccessNotReadable):
        await github.personal.installations(viewpoint)
    with pytest.raises(AccessNotReadable):
        await github.personal.repositories(viewpoint, INSTALLATION)


async def test_an_installations_token_is_not_taken_for_a_persons(github: GitHubHarness) -> None:
    viewpoint = await github.connect(ADA, Way.INSTALLED)
    not_said = Viewpoint(connection_id=viewpoint.connection_id, source=ProofSource.LINK)

    with pytest.raises(AccessNotReadable):
        await github.personal.person(not_said)


async def test_a_person_whom_nango_lost_is_not_readable(github: GitHubHarness) -> None:
    viewpoint = await github.connect(ADA, Way.INSTALLED)
    await github.lose(viewpoint)

    with pytest.raises(ConnectionBroken, match="no token of the person"):
        await github.personal.installations(viewpoint)


@ways
async def test_a_token_that_github_refuses_is_broken(github: GitHubHarness, way: Way) -> None:
    viewpoint = await github.connect(ADA, way)
    await github.trouble.revoke(viewpoint)

    with pytest.raises(ConnectionBroken):
        await github.personal.person(viewpoint)
    with pytest.raises(ConnectionBroken):
        await github.personal.installations(viewpoint)
    with pytest.raises(ConnectionBroken):
        await github.personal.repositories(viewpoint, INSTALLATION)
    with pytest.raises(ConnectionBroken):
        await github.personal.repository(viewpoint, BEACON)


@pytest.mark.parametrize("connection_id", ["nope", "", "..", "ü", "x\r\ny"])
@ways
async def test_there_is_nobody_behind_a_connection_that_is_not_there(
    github: GitHubHarness, connection_id: str, way: Way
) -> None:
    viewpoint = Viewpoint(
        connection_id=ConnectionId(connection_id), source=way.source, is_installation=way is Way.INSTALLED
    )

    with pytest.raises(ConnectionNotFound):
        await github.personal.person(viewpoint)
    with pytest.raises(ConnectionNotFound):
        await github.personal.installations(viewpoint)


async def test_a_connection_of_one_integration_is_none_of_the_other(github: GitHubHarness) -> None:
    viewpoint = await github.login(ADA)

    with pytest.raises(ConnectionNotFound):
        await github.personal.person(Viewpoint(connection_id=viewpoint.connection_id, source=ProofSource.LINK))
