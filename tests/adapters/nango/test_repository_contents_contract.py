from collections.abc import Awaitable, Callable
from hashlib import sha1

import pytest

from domain.connection import ConnectionId
from domain.errors import (
    AppPermissionMissing,
    CommentRefused,
    CommentsClosed,
    ConnectionBroken,
    ConnectionNotFound,
    DomainError,
    InstallationGone,
    InstallationSuspended,
    InvalidContentPath,
    RepositoryContentNotFound,
    TooLarge,
)
from domain.repository import RepositoryId
from tests.adapters.nango.github_harness import ADA, ATLAS, BEACON, HANDBOOK, NOTES, README, GitHubHarness

MEGABYTE = 1024 * 1024
CALLS: dict[str, Callable[[GitHubHarness, ConnectionId, RepositoryId], Awaitable[object]]] = {
    "contents": lambda github, connection_id, where: github.contents.file(connection_id, where, "README.md"),
    "pull_requests": lambda github, connection_id, where: github.contents.pull_request(connection_id, where, 2),
    "issues": lambda github, connection_id, where: github.contents.comment(connection_id, where, 1, "Hello."),
}
calls = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


async def test_a_file_comes_with_its_bytes_and_their_name(github: GitHubHarness) -> None:
    file = await github.contents.file(await github.imported(), ATLAS, "README.md")

    assert (file.path, file.content, file.size) == ("README.md", README, len(README))
    assert file.sha == sha1(b"blob %d\0%b" % (len(README), README)).hexdigest()  # noqa: S324 - as Git names it
    assert "Maps" not in repr(file)


@pytest.mark.parametrize("path", ["docs/guide/first steps.md"])
async def test_a_path_is_quoted(github: GitHubHarness, path: str) -> None:
    file = await github.contents.file(await github.imported(), ATLAS, path)

    assert (file.path, file.content) == (path, "# First steps\n\nBegin in Malmö.\n".encode())


@pytest.mark.parametrize("path", ["100%.txt", "a%20b", "what?.md", "#1.md", "ä/ö ü.md", "a+b&c=d", "~;,:@!$'()*[]"])
async def test_odd_names_are_names(github: GitHubHarness, path: str) -> None:
    await github.trouble.write(BEACON, path, b"odd")

    assert (await github.contents.file(await github.imported(), BEACON, path)).content == b"odd"


async def test_any_bytes_may_be_in_a_file(github: GitHubHarness) -> None:
    assert (await github.contents.file(await github.imported(), BEACON, "lamp.bin")).content == bytes(range(256))


async def test_an_empty_file_is_a_file(github: GitHubHarness) -> None:
    await github.trouble.write(BEACON, "empty", b"")

    assert (await github.contents.file(await github.imported(), BEACON, "empty")).content == b""


async def test_a_large_file_comes_whole_and_a_too_large_one_not_at_all(github: GitHubHarness) -> None:
    connection_id = await github.imported()
    await github.trouble.write(BEACON, "large.bin", bytes(range(256)) * (MEGABYTE // 256) + b"and more")
    await github.trouble.write(BEACON, "larger.bin", b"x" * (2 * MEGABYTE + 1))

    assert (await github.contents.file(connection_id, BEACON, "large.bin")).size == MEGABYTE + 8
    with pytest.raises(TooLarge):
        await github.contents.file(connection_id, BEACON, "larger.bin")


@pytest.mark.parametrize("path", ["docs", "docs/guide", "nothing", "README.md/more"])
async def test_what_is_no_file_is_not_found(github: GitHubHarness, path: str) -> None:
    with pytest.raises(RepositoryContentNotFound):
        await github.contents.file(await github.imported(), ATLAS, path)


@pytest.mark.parametrize("path", ["", "/", "../../../user", "%2e%2e/%2e%2e/user", "docs//guide", "a\\..\\b"])
async def test_a_path_that_leads_elsewhere_is_refused(github: GitHubHarness, path: str) -> None:
    with pytest.raises(InvalidContentPath):
        await github.contents.file(await github.imported(), ATLAS, path)


async def test_a_pull_request_comes_with_its_files(github: GitHubHarness) -> None:
    pull_request = await github.contents.pull_request(await github.imported(), ATLAS, 2)

    assert (pull_request.number, pull_request.title, pull_request.body) == (2, "Add a legend", "Closes #1.")
    assert (pull_request.state, pull_request.is_draft, pull_request.is_merged) == ("open", False, False)
    assert (pull_request.author, pull_request.head, pull_request.base) == (ADA.login, "legend", "main")
    assert pull_request.url.endswith("/northwind-labs/atlas/pull/2")
    assert pull_request.changed_files == 2
    readme, legend = pull_request.files
    assert (readme.path, readme.status, readme.additions, readme.deletions) == ("README.md", "modified", 2, 1)
    assert (legend.path, legend.status, legend.additions, legend.previous_path) == ("docs/legend.md", "added", 12, None)
    assert legend.patch


@pytest.mark.parametrize("number", [1, 99])
async def test_an_issue_or_nothing_is_no_pull_request(github: GitHubHarness, number: int) -> None:
    with pytest.raises(RepositoryContentNotFound):
        await github.contents.pull_request(await github.imported(), ATLAS, number)


@pytest.mark.parametrize("number", [1, 2])
async def test_a_comment_is_there_once(github: GitHubHarness, number: int) -> None:
    made = await github.contents.comment(await github.imported(), ATLAS, number, "Hello, *world*.")

    assert github.comments(ATLAS) == ["Hello, *world*."]
    assert made.id > 0
    assert made.url.startswith("https://github.")
    assert made.created_at.tzinfo is not None


async def test_nobody_is_there_to_hear_a_comment_on_nothing(github: GitHubHarness) -> None:
    with pytest.raises(RepositoryContentNotFound):
        await github.contents.comment(await github.imported(), ATLAS, 99, "Hello?")


async def test_an_empty_comment_is_refused(github: GitHubHarness) -> None:
    with pytest.raises(CommentRefused):
        await github.contents.comment(await github.imported(), ATLAS, 1, " \n")


async def test_an_archived_repository_can_only_be_read(github: GitHubHarness) -> None:
    connection_id = await github.imported()
    await github.trouble.archive(ATLAS)

    assert (await github.contents.file(connection_id, ATLAS, "README.md")).content == README
    repository = await github.installed.repository(connection_id, ATLAS)
    assert repository is not None
    assert repository.is_archived
    with pytest.raises(CommentsClosed):
        await github.contents.comment(connection_id, ATLAS, 1, "Hello.")
    assert github.comments(ATLAS) == []


@pytest.mark.parametrize("permission", CALLS)
async def test_a_permission_that_the_app_lacks_is_named(github: GitHubHarness, permission: str) -> None:
    connection_id = await github.imported()
    await github.trouble.withhold(permission)

    with pytest.raises(AppPermissionMissing, match=permission.replace("_", " ")):
        await CALLS[permission](github, connection_id, ATLAS)


@calls
@pytest.mark.parametrize("repository_id", [HANDBOOK, NOTES, RepositoryId(1)])
async def test_a_repository_without_the_app_has_nothing(
    github: GitHubHarness,
    call: Callable[[GitHubHarness, ConnectionId, RepositoryId], Awaitable[object]],
    repository_id: RepositoryId,
) -> None:
    with pytest.raises(RepositoryContentNotFound):
        await call(github, await github.imported(), repository_id)


@calls
async def test_trouble_with_the_installation_is_told_apart(
    github: GitHubHarness, call: Callable[[GitHubHarness, ConnectionId, RepositoryId], Awaitable[object]]
) -> None:
    connection_id = await github.imported()

    async def failure() -> type[DomainError]:
        with pytest.raises(DomainError) as caught:
            await call(github, connection_id, ATLAS)
        return type(caught.value)

    await github.trouble.suspend()
    assert await failure() is InstallationSuspended
    await github.trouble.uninstall()
    assert await failure() is InstallationGone
    await github.trouble.break_credentials(connection_id)
    assert await failure() is ConnectionBroken
    with pytest.raises(ConnectionNotFound):
        await call(github, ConnectionId("nope"), ATLAS)
