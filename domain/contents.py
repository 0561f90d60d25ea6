"""What is in a repository: files, pull requests, comments."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import quote, unquote

from domain.errors import InvalidContentPath

MOST_CHARACTERS: Final = 4096
MOST_DECODINGS: Final = 5
CHANGED_FILES_SHOWN: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryFile:
    """`sha` names exactly these bytes."""

    path: str
    sha: str
    size: int
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFile:
    """What a pull request changes in one file; no patch for what is not text, or is too much."""

    path: str
    previous_path: str | None
    status: str
    additions: int
    deletions: int
    patch: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequestDetails:
    """`files` are the first 300 of `changed_files`."""

    number: int
    title: str
    body: str | None
    author: str | None
    state: str
    is_draft: bool
    is_merged: bool
    head: str
    base: str
    url: str
    created_at: datetime
    updated_at: datetime
    changed_files: int
    files: Sequence[ChangedFile]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    id: int
    url: str
    created_at: datetime


def encoded_content_path(path: str) -> str:
    """Encode the path of a file for a URL, segment by segment.

    Raises `InvalidContentPath` for whatever a server on the way could take for another path, however often it decodes.
    """
    decoded, encoded = path, _encoded(path)
    for _ in range(MOST_DECODINGS):
        _check(decoded)
        previous, decoded = decoded, unquote(decoded, errors="replace")
        if decoded == previous:
            return encoded
    raise InvalidContentPath("the path is encoded too often")


def _encoded(path: str) -> str:
    try:
        return "/".join(quote(segment, safe="") for segment in path.split("/"))
    except UnicodeEncodeError:
        raise InvalidContentPath("the path is no Unicode text") from None


def _check(path: str) -> None:
    if len(path) > MOST_CHARACTERS:
        raise InvalidContentPath(f"the path is longer than {MOST_CHARACTERS} characters")
    if "\\" in path or any(unicodedata.category(character) == "Cc" for character in path):
        raise InvalidContentPath("the path has a backslash or a control character")
    if any(segment in {"", ".", ".."} for segment in path.split("/")):
        raise InvalidContentPath("the path has an empty segment, or one of dots only")
