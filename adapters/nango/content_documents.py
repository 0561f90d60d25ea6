"""What we read of GitHub's documents of files, pull requests and comments."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from adapters.nango.github_documents import Id

Moment = Annotated[datetime, Meta(tz=True)]
Count = Annotated[int, Meta(ge=0)]


class Content(msgspec.Struct, frozen=True):
    """The answer of `GET /repositories/{id}/contents/{path}` for what is no directory, of which it is a list.

    GitHub leaves the content out above 1 MB.
    """

    type: str
    sha: str
    size: Count
    path: str
    encoding: str | None = None
    content: str | None = None


class Account(msgspec.Struct, frozen=True):
    login: str


class Branch(msgspec.Struct, frozen=True):
    ref: str


class PullRequest(msgspec.Struct, frozen=True):
    """The answer of `GET /repositories/{id}/pulls/{number}`; nobody wrote it whose account is gone."""

    number: int
    title: str
    state: str
    html_url: str
    head: Branch
    base: Branch
    created_at: Moment
    updated_at: Moment
    changed_files: Count
    body: str | None = None
    user: Account | None = None
    draft: bool = False
    merged: bool = False


class ChangedFile(msgspec.Struct, frozen=True):
    filename: str
    status: str
    additions: Count
    deletions: Count
    previous_filename: str | None = None
    patch: str | None = None


class Comment(msgspec.Struct, frozen=True):
    """The answer of `POST /repositories/{id}/issues/{number}/comments`."""

    id: Id
    html_url: str
    created_at: Moment
