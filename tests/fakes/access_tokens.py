"""Access tokens that say in the open what they are for."""

from datetime import datetime, timedelta
from uuid import UUID

from application.ports.access_tokens import AccessTokens
from domain.errors import Unauthenticated
from domain.session import Principal, SessionId
from domain.user import UserId


class FakeAccessTokens(AccessTokens):
    def __init__(self, lifetime_seconds: int = 600) -> None:
        self.lifetime_seconds = lifetime_seconds

    def issue(self, principal: Principal, at: datetime) -> str:
        expires_at = at.replace(microsecond=0) + timedelta(seconds=self.lifetime_seconds)
        return f"{principal.user_id} {principal.session_id} {expires_at.isoformat()}"

    def verify(self, token: str, at: datetime) -> Principal:
        try:
            user_id, session_id, expires_at = token.split(" ")
            principal = Principal(user_id=UserId(UUID(user_id)), session_id=SessionId(UUID(session_id)))
            has_expired = at >= datetime.fromisoformat(expires_at)
        except ValueError as error:
            raise Unauthenticated("the access token is not valid") from error
        if has_expired:
            raise Unauthenticated("the access token has expired")
        return principal
