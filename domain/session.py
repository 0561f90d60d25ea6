"""A signed-in browser or app."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NewType
from uuid import UUID

from domain.secret import Secret, SecretHash
from domain.user import UserId

SessionId = NewType("SessionId", UUID)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """`secret_hash` is that of the session cookie; an app with access tokens has none."""

    id: SessionId
    user_id: UserId
    secret_hash: SecretHash | None
    created_at: datetime
    expires_at: datetime

    @classmethod
    def begin(
        cls, session_id: SessionId, user_id: UserId, *, secret: Secret | None, at: datetime, lifetime: timedelta
    ) -> "Session":
        return cls(
            id=session_id,
            user_id=user_id,
            secret_hash=secret.hash if secret else None,
            created_at=at,
            expires_at=at + lifetime,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInCode:
    """A one-time code that carries a finished login to an app on another origin (PKCE)."""

    hash: SecretHash
    user_id: UserId
    code_challenge: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who a request comes from."""

    user_id: UserId
    session_id: SessionId
