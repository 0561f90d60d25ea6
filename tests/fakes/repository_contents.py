"""Files, pull requests and comments in memory."""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha1
from typing import Final

from application.ports.repository_contents import RepositoryContents
from domain.connection import ConnectionId
from domain.contents import Comment, PullRequestDetails, RepositoryFile, encoded_content_path
from domain.errors import AppPermissionMissing, CommentRefused, CommentsClosed, RepositoryContentNotFound, TooLarge
from domain.repository import RepositoryId
from tests.fakes.nango.github import FakeGitHub

LARGEST_FILE_BYTES: Final = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeComment:
    repository_id: RepositoryId
    number: int
    body: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class FakeRepositoryContents(RepositoryContents):
    """Every ref shows the same files; `lacks` names what the App may not do: contents, pull requests or issues."""

    github: FakeGitHub
    files: dict[tuple[RepositoryId, str], bytes] = field(default_factory=dict[tuple[RepositoryId, str], bytes])
    pull_requests: dict[tuple[RepositoryId, int], PullRequestDetails] = field(
        default_factory=dict[tuple[RepositoryId, int], PullRequestDetails]
    )
    issues: set[tuple[RepositoryId, int]] = field(default_factory=set[tuple[RepositoryId, int]])
    comments: list[FakeComment] = field(default_factory=list[FakeComment])
    lacks: set[str] = field(default_factory=set[str])

    async def file(
        self, connection_id: ConnectionId, repository_id: RepositoryId, path: str, ref: str | None = None
    ) -> RepositoryFile:
        del ref
        encoded_content_path(path)
        with self.github.called("file"):
            self._enter(connection_id, repository_id, "contents")
            content = self.files.get((repository_id, path))
            if content is None:
                raise RepositoryContentNotFound("there is no such file")
            if len(content) > LARGEST_FILE_BYTES:
                raise TooLarge("the file is too large")
            sha = sha1(b"blob %d\0%b" % (len(content), content), usedforsecurity=False).hexdigest()
            return RepositoryFile(path=path, sha=sha, size=len(content), content=content)

    async def pull_request(
        self, connection_id: ConnectionId, repository_id: RepositoryId, number: int
    ) -> PullRequestDetails:
        with self.github.called("pull_request"):
            self._enter(connection_id, repository_id, "pull requests")
            found = self.pull_requests.get((repository_id, number))
            if found is None:
                raise RepositoryContentNotFound("there is no such pull request")
            return found

    async def comment(
        self, connection_id: ConnectionId, repository_id: RepositoryId, number: int, body: str
    ) -> Comment:
        with self.github.called("comment"):
            self._enter(connection_id, repository_id, "issues")
            if not body.strip():
                raise CommentRefused("the comment is empty")
            if (repository_id, number) not in self.issues | self.pull_requests.keys():
                raise RepositoryContentNotFound("there is no such issue")
            if self.github.repositories[repository_id].is_archived:
                raise CommentsClosed("the repository is archived")
            made = FakeComment(repository_id=repository_id, number=number, body=body, created_at=self.github.now)
            self.comments.append(made)
            url = f"https://github.test/{repository_id}/issues/{number}#issuecomment-{len(self.comments)}"
            return Comment(id=len(self.comments), url=url, created_at=made.created_at)

    def _enter(self, connection_id: ConnectionId, repository_id: RepositoryId, permission: str) -> None:
        installation_id = self.github.installation_of(connection_id)
        if self.github.selected.get(repository_id) != installation_id:
            raise RepositoryContentNotFound("there is no such repository")
        if permission in self.lacks:
            raise AppPermissionMissing(f"the GitHub App was not given the permission it needs there ({permission})")
