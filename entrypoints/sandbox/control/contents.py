"""Files, issues, pull requests and comments of repositories."""

from datetime import datetime
from typing import Literal

import msgspec
from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from entrypoints.sandbox.control.finding import account_of, person_of, repository_of
from entrypoints.sandbox.github.model import ChangedFile, Issue, PullRequest
from entrypoints.sandbox.sandbox import Sandbox


class Changed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    path: str
    status: Literal["added", "modified", "removed", "renamed"] = "modified"
    additions: int = 1
    deletions: int = 0
    patch: str = "@@ -0,0 +1 @@\n+made up"


class NewIssue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    author: str
    body: str | None = None


class NewPullRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    author: str
    body: str | None = None
    draft: bool = False
    merged: bool = False
    branch: str = "topic"
    files: list[Changed] = []


class Numbered(msgspec.Struct, frozen=True):
    number: int


class CommentMade(msgspec.Struct, frozen=True):
    id: int
    number: int
    body: str
    author: str | None
    created_at: datetime


@put("/repositories/{repository_id:int}/files", status_code=204)
async def put_files(
    sandbox: NamedDependency[Sandbox], repository_id: FromPath[int], data: JSONBody[dict[str, str | None]]
) -> None:
    """Write texts by path, and remove those that are null; there is one branch, the default one."""
    files = repository_of(sandbox, repository_id).files
    for path, text in data.items():
        if text is None:
            files.pop(path, None)
        else:
            files[path] = text.encode()


@post("/repositories/{repository_id:int}/issues")
async def post_issue(
    sandbox: NamedDependency[Sandbox], repository_id: FromPath[int], data: JSONBody[NewIssue]
) -> Numbered:
    """Open an issue."""
    repository = repository_of(sandbox, repository_id)
    number = repository.next_number()
    author = person_of(sandbox, data.author)
    repository.issues[number] = Issue(
        number=number, title=data.title, body=data.body, author_id=author.id, created_at=sandbox.now()
    )
    return Numbered(number)


@post("/repositories/{repository_id:int}/pulls")
async def post_pull_request(
    sandbox: NamedDependency[Sandbox], repository_id: FromPath[int], data: JSONBody[NewPullRequest]
) -> Numbered:
    """Open a pull request; one that is merged is closed."""
    repository = repository_of(sandbox, repository_id)
    number = repository.next_number()
    repository.issues[number] = PullRequest(
        number=number,
        title=data.title,
        body=data.body,
        author_id=person_of(sandbox, data.author).id,
        created_at=sandbox.now(),
        state="closed" if data.merged else "open",
        draft=data.draft,
        merged=data.merged,
        branch=data.branch,
        files=tuple(ChangedFile(**msgspec.structs.asdict(one)) for one in data.files),
    )
    return Numbered(number)


@get("/repositories/{repository_id:int}/comments")
async def list_comments(sandbox: NamedDependency[Sandbox], repository_id: FromPath[int]) -> list[CommentMade]:
    """List the comments on issues and pull requests; the App's own have no author."""
    return [
        CommentMade(
            id=comment.id,
            number=comment.number,
            body=comment.body,
            author=None if comment.author_id is None else account_of(sandbox, str(comment.author_id)).login,
            created_at=comment.created_at,
        )
        for comment in repository_of(sandbox, repository_id).comments
    ]
