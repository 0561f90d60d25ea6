"""Files, pull requests and comments, through an installation's connection."""

import binascii
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha1
from http import HTTPStatus
from typing import Final

from adapters.nango import content_documents as documents
from adapters.nango.budget import Share
from adapters.nango.calls import LARGEST_BODY_BYTES, Answer
from adapters.nango.client import NangoClient
from adapters.nango.content_values import changed_file_of, pull_request_of
from adapters.nango.github_refusals import NOT_FOR_APPS, forbidden_words, to_installation
from adapters.nango.pages import PAGE_SIZE, side_by_side
from adapters.nango.proxied_github import ProxiedGitHub
from adapters.nango.refusals import is_absent
from application.ports.repository_contents import RepositoryContents
from domain.connection import ConnectionId, ConnectionKind
from domain.contents import (
    CHANGED_FILES_SHOWN,
    Comment,
    PullRequestDetails,
    RepositoryFile,
    encoded_content_path,
)
from domain.errors import (
    AnswerTooLarge,
    AppPermissionMissing,
    CommentRefused,
    CommentsClosed,
    RepositoryContentNotFound,
    TooLarge,
    UpstreamUnavailable,
)
from domain.repository import RepositoryId

CONTENTS: Final = "/repositories/{id}/contents/{path}"
NOT_A_FILE: Final = "there is no such file in the repository"
NO_PULL_REQUEST: Final = "there is no such pull request in the repository"
NO_CONVERSATION: Final = "there is no such issue or pull request in the repository"


@dataclass(frozen=True, slots=True, kw_only=True)
class NangoRepositoryContents(RepositoryContents):
    """A file costs one call of the share, or two above 1 MB, a pull request up to four, a comment one."""

    client: NangoClient
    integration: str
    share: Share

    async def file(
        self, connection_id: ConnectionId, repository_id: RepositoryId, path: str, ref: str | None = None
    ) -> RepositoryFile:
        github = self._through(connection_id)
        source = f"/repositories/{repository_id:d}/contents/{encoded_content_path(path)}"
        query = {} if ref is None else {"ref": ref}
        answer = await github.get(CONTENTS, source, query)
        document = _content(_expect(github, answer, "contents: read", NOT_A_FILE))
        content = _included(document)
        if content is None:
            content = await _read_large(github, source, query, document)
        return RepositoryFile(path=document.path, sha=document.sha, size=document.size, content=content)

    async def pull_request(
        self, connection_id: ConnectionId, repository_id: RepositoryId, number: int
    ) -> PullRequestDetails:
        github, path = self._through(connection_id), f"/repositories/{repository_id:d}/pulls/{number:d}"
        answer = await github.get("/repositories/{id}/pulls/{number}", path)
        document = _expect(github, answer, "pull requests: read", NO_PULL_REQUEST).decode(documents.PullRequest)
        shown = min(document.changed_files, CHANGED_FILES_SHOWN)
        try:
            pages = await side_by_side(partial(_changed_files, github, path), range(1, -(-shown // PAGE_SIZE) + 1))
        except AnswerTooLarge:
            raise TooLarge("the pull request changes too much to be shown") from None
        files = [changed_file_of(file) for page in pages for file in page]
        return pull_request_of(document, files)

    async def comment(
        self, connection_id: ConnectionId, repository_id: RepositoryId, number: int, body: str
    ) -> Comment:
        github = self._through(connection_id)
        answer = await github.post(
            "/repositories/{id}/issues/{number}/comments",
            f"/repositories/{repository_id:d}/issues/{number:d}/comments",
            {"body": body},
        )
        if answer.status == HTTPStatus.UNPROCESSABLE_ENTITY:
            raise CommentRefused("GitHub does not take this comment: it is empty, too long, or looks like spam")
        if answer.status == HTTPStatus.GONE:
            raise RepositoryContentNotFound(NO_CONVERSATION)
        made = _expect(github, answer, "issues: write", NO_CONVERSATION, HTTPStatus.CREATED).decode(documents.Comment)
        return Comment(id=made.id, url=made.html_url, created_at=made.created_at)

    def _through(self, connection_id: ConnectionId) -> ProxiedGitHub:
        return ProxiedGitHub(
            client=self.client,
            share=self.share,
            integration=self.integration,
            kind=ConnectionKind.REPOSITORY,
            connection_id=connection_id,
            reads=to_installation,
        )


def _expect(
    github: ProxiedGitHub, answer: Answer, permission: str, absent: str, status: HTTPStatus = HTTPStatus.OK
) -> Answer:
    """Return an answer of that status; raises what any other means, where the App needs the permission."""
    if answer.status == status:
        return answer
    if is_absent(answer):
        raise RepositoryContentNotFound(absent)
    general, meaning = github.general_meaning(answer), github.meaning(answer)
    words = forbidden_words(answer, general)
    if NOT_FOR_APPS in words:
        raise AppPermissionMissing(f"the GitHub App was not given the permission it needs there ({permission})")
    if status is HTTPStatus.CREATED and words and type(meaning) is type(general):
        raise CommentsClosed("GitHub takes no comments there: the repository is archived, or the conversation locked")
    raise meaning


def _content(answer: Answer) -> documents.Content:
    """Read what is no directory, nor a submodule or a link that leads nowhere."""
    is_directory = answer.body.startswith(b"[")
    if is_directory or (document := answer.decode(documents.Content)).type != "file":
        raise RepositoryContentNotFound(NOT_A_FILE)
    return document


async def _read_large(
    github: ProxiedGitHub, source: str, query: Mapping[str, str], document: documents.Content
) -> bytes:
    """Read a file above 1 MB by itself; another call may meet another commit, so the bytes must be those described."""
    too_large = TooLarge(
        f"the file has {document.size} bytes, and only files up to {LARGEST_BODY_BYTES} bytes are read"
    )
    if document.size > LARGEST_BODY_BYTES:
        raise too_large
    try:
        answer = await github.get(CONTENTS, source, query, raw=True)
    except AnswerTooLarge:
        raise too_large from None
    content = _expect(github, answer, "contents: read", NOT_A_FILE).body
    if sha1(b"blob %d\0%b" % (len(content), content), usedforsecurity=False).hexdigest() != document.sha:
        raise UpstreamUnavailable("the file changed while it was read")
    return content


def _included(document: documents.Content) -> bytes | None:
    """Decode the content that came with the document; None if it was left out for its size."""
    if document.encoding != "base64" or document.content is None:
        return None
    try:
        content = b64decode(document.content)
    except binascii.Error:
        content = b""
    if len(content) != document.size:
        raise UpstreamUnavailable("GitHub's copy of the file cannot be understood")
    return content


async def _changed_files(github: ProxiedGitHub, path: str, page: int) -> list[documents.ChangedFile]:
    answer = await github.get(
        "/repositories/{id}/pulls/{number}/files",
        f"{path}/files",
        {"per_page": str(PAGE_SIZE), "page": str(page)},
    )
    return _expect(github, answer, "pull requests: read", NO_PULL_REQUEST).decode(list[documents.ChangedFile])
