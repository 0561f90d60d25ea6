import pytest

from domain.connection import ConnectionKind
from domain.errors import ConnectionBroken
from domain.installation import InstallationId, connection_of, holder_of
from tests.adapters.nango.github_harness import INSTALLATION, GitHubHarness


async def test_an_import_makes_the_installations_own_connection(github: GitHubHarness) -> None:
    made = await github.imports.make(INSTALLATION)

    assert made == connection_of(INSTALLATION)
    document = await github.connections.read(made)
    assert (document.kind, document.claims) == (ConnectionKind.REPOSITORY, INSTALLATION)
    assert document.objection(document.integration, holder_of(INSTALLATION)) is None
    assert await github.connections.of_end_user(holder_of(INSTALLATION)) == [made]


async def test_an_import_done_twice_makes_one_connection(github: GitHubHarness) -> None:
    made = await github.imports.make(INSTALLATION)

    assert await github.imports.make(INSTALLATION) == made
    assert await github.connections.of_end_user(holder_of(INSTALLATION)) == [made]


async def test_an_installation_without_a_token_is_not_imported(github: GitHubHarness) -> None:
    with pytest.raises(ConnectionBroken, match="no token"):
        await github.imports.make(InstallationId(999))

    assert await github.connections.of_end_user(holder_of(InstallationId(999))) == []


async def test_a_suspended_installation_is_not_imported(github: GitHubHarness) -> None:
    await github.trouble.suspend()

    with pytest.raises(ConnectionBroken, match="no token"):
        await github.imports.make(INSTALLATION)
