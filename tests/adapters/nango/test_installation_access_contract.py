from collections.abc import Awaitable, Callable

import pytest

from domain.connection import ConnectionId
from domain.errors import (
    ConnectionBroken,
    ConnectionNotFound,
    DomainError,
    InstallationGone,
    InstallationSuspended,
    UpstreamUnavailable,
)
from domain.repository import Permission, RepositoryId, Visibility
from domain.user import GitHubId
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
)

CALLS: dict[str, Callable[[GitHubHarness, ConnectionId], Awaitable[object]]] = {
    "repositories": lambda github, connection_id: github.installed.repositories(connection_id),
    "repository": lambda github, connection_id: github.installed.repository(connection_id, BEACON),
    "check": lambda github, connection_id: github.installed.check(connection_id),
    "login_of": lambda github, connection_id: github.installed.login_of(connection_id, ADA.id),
    "permission_of": lambda github, connection_id: github.installed.permission_of(connection_id, BEACON, ADA.login),
    "is_owner": lambda github, connection_id: github.installed.is_owner(connection_id, ORGANIZATION, ADA.login),
}
calls = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


async def test_all_that_is_selected_is_listed_in_order(github: GitHubHarness) -> None:
    atlas, beacon = await github.installed.repositories(await github.imported())

    assert (atlas.id, atlas.full_name, atlas.visibility) == (ATLAS, "northwind-labs/atlas", Visibility.PUBLIC)
    assert (beacon.id, beacon.full_name, beacon.visibility) == (BEACON, "northwind-labs/beacon", Visibility.PRIVATE)


async def test_a_long_list_comes_complete(github: GitHubHarness) -> None:
    connection_id = await github.imported()
    await github.trouble.add_repositories(350)

    listed = [repository.id for repository in await github.installed.repositories(connection_id)]

    assert len(listed) >= 352
    assert listed == sorted(set(listed))


async def test_one_repository_is_looked_at(github: GitHubHarness) -> None:
    connection_id = await github.imported()
    beacon = await github.installed.repository(connection_id, BEACON)
    atlas = await github.installed.repository(connection_id, ATLAS)

    assert beacon is not None
    assert atlas is not None
    assert (beacon.id, atlas.id) == (BEACON, ATLAS)


@pytest.mark.parametrize("repository_id", [HANDBOOK, NOTES, GARDEN, RepositoryId(1)])
async def test_a_repository_without_the_app_is_not_the_installations(
    github: GitHubHarness, repository_id: RepositoryId
) -> None:
    """A public one is shown to every token, and still is not."""
    assert await github.installed.repository(await github.imported(), repository_id) is None


async def test_a_login_name_is_found_by_the_account(github: GitHubHarness) -> None:
    connection_id = await github.imported()
    await github.login(GRACE)
    await github.trouble.rename(GRACE, "grace-of-old")

    assert await github.installed.login_of(connection_id, GRACE.id) == "grace-of-old"
    assert await github.installed.login_of(connection_id, GitHubId(12_345)) is None


async def test_a_permission_says_whose_it_is(github: GitHubHarness) -> None:
    connection_id = await github.imported()

    assert await github.installed.permission_of(connection_id, BEACON, ADA.login) == (ADA.id, Permission.ADMIN)
    assert await github.installed.permission_of(connection_id, BEACON, GRACE.login) == (GRACE.id, Permission.WRITE)
    assert await github.installed.permission_of(connection_id, ATLAS, SAM.login) == (SAM.id, Permission.READ)


async def test_no_role_is_no_permission(github: GitHubHarness) -> None:
    connection_id = await github.imported()

    assert await github.installed.permission_of(connection_id, BEACON, SAM.login) is None
    assert await github.installed.permission_of(connection_id, HANDBOOK, ADA.login) is None
    for nobody in ("nobody-at-all", "", "..", "../..", "a/b", "a%2fb", "ü", "x\r\ny"):
        assert await github.installed.permission_of(connection_id, BEACON, nobody) is None


async def test_roles_in_somebody_elses_public_repository_are_not_for_the_app_to_know(github: GitHubHarness) -> None:
    connection_id = await github.imported()

    with pytest.raises(UpstreamUnavailable):
        await github.installed.permission_of(connection_id, GARDEN, SAM.login)


async def test_an_owner_administers_the_organisation(github: GitHubHarness) -> None:
    connection_id = await github.imported()

    assert await github.installed.is_owner(connection_id, ORGANIZATION, ADA.login)
    assert not await github.installed.is_owner(connection_id, ORGANIZATION, GRACE.login)
    assert not await github.installed.is_owner(connection_id, ORGANIZATION, SAM.login)
    assert not await github.installed.is_owner(connection_id, "no-such-organisation", ADA.login)
    assert not await github.installed.is_owner(connection_id, "..", "..")


async def test_nobody_is_an_owner_where_members_may_not_be_read(github: GitHubHarness) -> None:
    connection_id = await github.imported()
    await github.trouble.withhold("members")

    assert not await github.installed.is_owner(connection_id, ORGANIZATION, ADA.login)


async def test_a_working_installation_passes_the_check(github: GitHubHarness) -> None:
    await github.installed.check(await github.imported())


@calls
async def test_a_suspended_installation_says_so(
    github: GitHubHarness, call: Callable[[GitHubHarness, ConnectionId], Awaitable[object]]
) -> None:
    connection_id = await github.imported()
    await github.trouble.suspend()

    assert await _failure_of(call(github, connection_id)) is InstallationSuspended


@calls
async def test_an_installation_that_is_gone_says_so(
    github: GitHubHarness, call: Callable[[GitHubHarness, ConnectionId], Awaitable[object]]
) -> None:
    connection_id = await github.imported()
    await github.trouble.uninstall()

    assert await _failure_of(call(github, connection_id)) is InstallationGone


@calls
async def test_credentials_that_cannot_be_refreshed_are_broken(
    github: GitHubHarness, call: Callable[[GitHubHarness, ConnectionId], Awaitable[object]]
) -> None:
    connection_id = await github.imported()
    await github.trouble.break_credentials(connection_id)

    assert await _failure_of(call(github, connection_id)) is ConnectionBroken


@calls
@pytest.mark.parametrize("connection_id", ["nope", "", "ü", "x\r\ny"])
async def test_a_connection_that_is_not_there_is_not_found(
    github: GitHubHarness, call: Callable[[GitHubHarness, ConnectionId], Awaitable[object]], connection_id: str
) -> None:
    assert await _failure_of(call(github, ConnectionId(connection_id))) is ConnectionNotFound


async def _failure_of(call: Awaitable[object]) -> type[DomainError]:
    with pytest.raises(DomainError) as caught:
        await call
    return type(caught.value)


async def test_the_installation_is_the_one_that_was_imported(github: GitHubHarness) -> None:
    assert (await github.connections.read(await github.imported())).claims == INSTALLATION
