"""A person, known by GitHub's numeric id."""

from dataclasses import dataclass
from datetime import datetime
from typing import NewType
from uuid import UUID

UserId = NewType("UserId", UUID)
GitHubId = NewType("GitHubId", int)


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHubAccount:
    """What GitHub's `GET /user` says of the person behind a token.

    Only `id` identifies: login names are renamed and re-used, and an e-mail address may be absent.
    """

    id: GitHubId
    login: str
    name: str | None
    email: str | None
    avatar_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    id: UserId
    account: GitHubAccount
    joined_at: datetime
    last_login_at: datetime

    @classmethod
    def join(cls, user_id: UserId, account: GitHubAccount, at: datetime) -> "User":
        return cls(id=user_id, account=account, joined_at=at, last_login_at=at)
