"""GitHub's numbers in our paths, and places in a list."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from domain.errors import InstallationNotFound, Invalid, RepositoryContentNotFound, RepositoryNotFound
from domain.grant import NOT_CONFIRMED
from domain.installation import InstallationId
from domain.repository import RepositoryId

NUMBER: Final = re.compile(r"[1-9][0-9]{0,18}")
LARGEST: Final = 2**63 - 1
LARGEST_ISSUE: Final = 2**31 - 1
FIRST: Final = RepositoryId(0)


def repository_named(text: str) -> RepositoryId:
    """Read a repository's id; what is none gets the answer of one that is not known."""
    number = number_in(text, LARGEST)
    if number is None:
        raise RepositoryNotFound(NOT_CONFIRMED)
    return RepositoryId(number)


def installation_named(text: str) -> InstallationId:
    number = number_in(text, LARGEST)
    if number is None:
        raise InstallationNotFound(NOT_CONFIRMED)
    return InstallationId(number)


def issue_named(text: str) -> int:
    """Read the number of an issue or a pull request."""
    number = number_in(text, LARGEST_ISSUE)
    if number is None:
        raise RepositoryContentNotFound("the repository has nothing with this number")
    return number


def number_in(text: str, largest: int) -> int | None:
    number = int(text) if NUMBER.fullmatch(text) else None
    return number if number is not None and number <= largest else None


def place_after(repository_id: RepositoryId) -> str:
    """Make an opaque cursor: what comes after this one."""
    return urlsafe_b64encode(str(repository_id).encode()).rstrip(b"=").decode()


def place_named(cursor: str | None) -> RepositoryId:
    """Read a cursor of ours; raises `Invalid`."""
    if cursor is None:
        return FIRST
    try:
        number = number_in(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii"), LARGEST)
    except ValueError:
        number = None
    # The decoder passes over what it does not know.
    if number is None or place_after(RepositoryId(number)) != cursor:
        raise Invalid("after must be the `next` of an earlier answer")
    return RepositoryId(number)
