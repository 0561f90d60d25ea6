"""Contents that are large, odd or change, as GitHub would answer."""

from base64 import encodebytes
from hashlib import sha1
from typing import Any

import httpx
import pytest

from adapters.nango.budget import Share
from adapters.nango.calls import LARGEST_BODY_BYTES
from adapters.nango.repository_contents import NangoRepositoryContents
from domain.connection import ConnectionId
from domain.contents import PullRequestDetails, RepositoryFile
from domain.errors import RepositoryContentNotFound, TooLarge, UpstreamUnavailable
from domain.repository import RepositoryId
from tests.adapters.nango.stub import Nango

HERE = (ConnectionId("latchkey-installation-5001"), RepositoryId(770_001))
CONTENT = b"a\n" * 600_000
MOMENT = "2026-11-21T12:00:00Z"


def named(content: bytes) -> str:
    return sha1(b"blob %d\0%b" % (len(content), content), usedforsecurity=False).hexdigest()


def described(given: bytes, /, **changes: Any) -> httpx.Response:  # noqa: ANN401 - as JSON is
    document = {"type": "file", "path": "a.txt", "sha": named(given), "size": len(given)}
    return httpx.Response(200, json=document | {"encoding": "base64", "content": encodebytes(given).decode()} | changes)


def left_out(content: bytes) -> httpx.Response:
    return described(content, encoding="none", content="")


def pull(changed_files: int) -> httpx.Response:
    document = {"number": 2, "title": "Much", "state": "open", "html_url": "https://github.test/2", "user": None}
    document |= {"head": {"ref": "topic"}, "base": {"ref": "main"}, "created_at": MOMENT, "updated_at": MOMENT}
    return httpx.Response(200, json=document | {"changed_files": changed_files})


def files(count: int) -> httpx.Response:
    one = {"filename": "a.txt", "status": "renamed", "additions": 1, "deletions": 2, "previous_filename": "b.txt"}
    return httpx.Response(200, json=[one] * count)


async def read_file(nango: Nango, ref: str | None = None) -> RepositoryFile:
    contents = NangoRepositoryContents(client=nango.client(), integration="github-app-oauth", share=Share.FINISH)
    return await contents.file(*HERE, "docs/a b.txt", ref)


async def read_pull(nango: Nango) -> PullRequestDetails:
    contents = NangoRepositoryContents(client=nango.client(), integration="github-app-oauth", share=Share.FINISH)
    return await contents.pull_request(*HERE, 2)


async def test_a_file_is_asked_for_by_number_path_and_ref() -> None:
    nango = Nango([described(b"one"), described(b"two")])

    await read_file(nango)
    await read_file(nango, "feature/ä&b")

    first, second = nango.requests
    assert first.url.raw_path == b"/proxy/repositories/770001/contents/docs/a%20b.txt"
    assert second.url.params["ref"] == "feature/ä&b"


async def test_what_github_leaves_out_is_asked_for_raw() -> None:
    nango = Nango([left_out(CONTENT), httpx.Response(200, content=CONTENT)])

    assert (await read_file(nango, "v1")).content == CONTENT
    described_at, raw_at = nango.requests
    assert described_at.url == raw_at.url
    assert raw_at.headers["nango-proxy-accept"] == "application/vnd.github.raw+json"


async def test_bytes_of_another_commit_are_not_taken() -> None:
    with pytest.raises(UpstreamUnavailable, match="changed while it was read"):
        await read_file(Nango([left_out(CONTENT), httpx.Response(200, content=CONTENT + b"more")]))


async def test_a_file_that_is_too_large_is_not_asked_for() -> None:
    huge = described(b"", encoding="none", content="", size=LARGEST_BODY_BYTES + 1)
    nango = Nango([huge])

    with pytest.raises(TooLarge, match="2097153 bytes"):
        await read_file(nango)
    assert len(nango.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        described(b"one", size=4),
        described(b"one", content="b25"),
        described(b"one", content="!"),
        httpx.Response(200, json={"type": "file"}),
        httpx.Response(200, content=b"\xff"),
    ],
)
async def test_a_file_that_does_not_fit_its_description_is_not_shown(answer: httpx.Response) -> None:
    with pytest.raises(UpstreamUnavailable):
        await read_file(Nango([answer]))


@pytest.mark.parametrize("kind", ["dir", "symlink", "submodule"])
async def test_what_is_no_file_is_not_found(kind: str) -> None:
    with pytest.raises(RepositoryContentNotFound):
        await read_file(Nango([described(b"", type=kind, encoding=None, content=None)]))


@pytest.mark.parametrize(("changed", "pages"), [(0, 0), (1, 1), (100, 1), (101, 2), (300, 3), (301, 3), (3000, 3)])
async def test_a_pull_request_shows_no_more_than_three_pages_of_files(changed: int, pages: int) -> None:
    nango = Nango([pull(changed), *(files(100) for _ in range(pages))])

    details = await read_pull(nango)

    assert details.changed_files == changed
    assert len(details.files) == pages * 100
    assert [request.url.params["page"] for request in nango.requests[1:]] == [str(page + 1) for page in range(pages)]
    assert details.author is None


async def test_a_renamed_file_says_what_it_was() -> None:
    [file] = (await read_pull(Nango([pull(1), files(1)]))).files

    assert (file.path, file.previous_path, file.patch) == ("a.txt", "b.txt", None)


async def test_a_pull_request_that_changes_too_much_says_so() -> None:
    with pytest.raises(TooLarge, match="too much"):
        await read_pull(Nango([pull(1), httpx.Response(200, content=b"x" * (LARGEST_BODY_BYTES + 1))]))
