"""Reading and writing GitHub, on repositories that were granted."""

from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal
from urllib.parse import unquote

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from application.repositories.comment import Comment
from application.repositories.read_file import ReadFile
from application.repositories.show_pull_request import ShowPullRequest
from domain.contents import ChangedFile, PullRequestDetails, RepositoryFile
from domain.errors import InvalidContentPath
from domain.session import Principal
from entrypoints.http.numbers import issue_named, repository_named
from entrypoints.http.problems import problems
from entrypoints.http.repositories import LINE

LONGEST_REF: Final = 250
# GitHub's own limit.
LONGEST_COMMENT: Final = 65536
CONTENT_PROBLEMS: Final = problems(
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.SERVICE_UNAVAILABLE,
)


class FileResponse(msgspec.Struct, frozen=True):
    """`content` is text if it is UTF-8, else in base64; `sha` names exactly these bytes."""

    path: str
    sha: str
    size: int
    encoding: Literal["utf-8", "base64"]
    content: str

    @classmethod
    def of(cls, file: RepositoryFile) -> "FileResponse":
        try:
            encoding, content = "utf-8", file.content.decode()
        except UnicodeDecodeError:
            encoding, content = "base64", b64encode(file.content).decode()
        return cls(path=file.path, sha=file.sha, size=file.size, encoding=encoding, content=content)


@get("/repos/{repository_id:str}/files/{path:path}", operation_id="readFile", responses=CONTENT_PROBLEMS)
async def get_file(
    request: Request[Principal, str, Any],
    repository_id: FromPath[str],
    read_file: NamedDependency[ReadFile],
    ref: Annotated[str | None, QueryParameter(min_length=1, max_length=LONGEST_REF, pattern=LINE)] = None,
) -> FileResponse:
    """Read a file at a branch, tag or commit; on the default branch without `ref`."""
    path = path_in(request.scope["raw_path"])
    return FileResponse.of(await read_file(request.user.user_id, repository_named(repository_id), path, ref))


def path_in(raw_path: bytes) -> str:
    """Take a file's path as it was sent, decoded once: the one that routes see has been tidied up."""
    match raw_path.split(b"/", 4):
        case [b"", b"repos", _, b"files", path]:
            try:
                return unquote(path.decode("ascii"), errors="strict")
            except UnicodeDecodeError:
                raise InvalidContentPath("the path is no Unicode text") from None
        case _:
            raise InvalidContentPath("the path cannot be read")


class ChangedFileResponse(msgspec.Struct, frozen=True, rename="camel"):
    path: str
    previous_path: str | None
    status: str
    additions: int
    deletions: int
    patch: str | None

    @classmethod
    def of(cls, file: ChangedFile) -> "ChangedFileResponse":
        return cls(
            path=file.path,
            previous_path=file.previous_path,
            status=file.status,
            additions=file.additions,
            deletions=file.deletions,
            patch=file.patch,
        )


class PullRequestResponse(msgspec.Struct, frozen=True, rename="camel"):
    """`files` are the first 300 of `changedFiles`; `patch` is null for what is not text, or too much."""

    number: int
    title: str
    body: str | None
    author: str | None
    state: str
    draft: bool
    merged: bool
    head: str
    base: str
    url: str
    created_at: datetime
    updated_at: datetime
    changed_files: int
    files: Sequence[ChangedFileResponse]

    @classmethod
    def of(cls, pull: PullRequestDetails) -> "PullRequestResponse":
        return cls(
            number=pull.number,
            title=pull.title,
            body=pull.body,
            author=pull.author,
            state=pull.state,
            draft=pull.is_draft,
            merged=pull.is_merged,
            head=pull.head,
            base=pull.base,
            url=pull.url,
            created_at=pull.created_at,
            updated_at=pull.updated_at,
            changed_files=pull.changed_files,
            files=[ChangedFileResponse.of(file) for file in pull.files],
        )


@get("/repos/{repository_id:str}/pulls/{number:str}", operation_id="showPullRequest", responses=CONTENT_PROBLEMS)
async def get_pull_request(
    request: Request[Principal, str, Any],
    repository_id: FromPath[str],
    number: FromPath[str],
    show_pull_request: NamedDependency[ShowPullRequest],
) -> PullRequestResponse:
    """Show a pull request as it is on GitHub now."""
    repository = repository_named(repository_id)
    return PullRequestResponse.of(await show_pull_request(request.user.user_id, repository, issue_named(number)))


class CommentRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    body: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_COMMENT)]


class CommentResponse(msgspec.Struct, frozen=True, rename="camel"):
    id: int
    url: str
    created_at: datetime


@post(
    "/repos/{repository_id:str}/issues/{number:str}/comments",
    operation_id="comment",
    status_code=HTTPStatus.CREATED,
    responses=CONTENT_PROBLEMS,
)
async def post_comment(
    request: Request[Principal, str, Any],
    repository_id: FromPath[str],
    number: FromPath[str],
    data: JSONBody[CommentRequest],
    comment: NamedDependency[Comment],
) -> Response[CommentResponse]:
    """Comment on an issue or a pull request, as the GitHub App.

    GitHub is asked first whether the person may see the repository, unless it said so in the last five minutes. After
    503 the comment may be there or not.
    """
    repository, issue = repository_named(repository_id), issue_named(number)
    written = await comment(request.user.user_id, repository, issue, data.body)
    return Response(
        CommentResponse(id=written.id, url=written.url, created_at=written.created_at), status_code=HTTPStatus.CREATED
    )
