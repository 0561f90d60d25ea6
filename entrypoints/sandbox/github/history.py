"""What a repository's history is made of: commits, and the labels of issues."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who wrote or committed something, by Git's own words; an account only when GitHub knows the address."""

    name: str
    email: str
    date: datetime
    account_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    sha: str
    message: str
    author: Signature
    committer: Signature
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Label:
    id: int
    name: str
    color: str = "ededed"
