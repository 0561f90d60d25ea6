"""Access tokens as JSON Web Tokens (RFC 7519), signed with HS256."""

from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

import jwt

from application.ports.access_tokens import AccessTokens
from domain.errors import Unauthenticated
from domain.session import Principal, SessionId
from domain.user import UserId

ALGORITHM: Final = "HS256"
REQUIRED_CLAIMS: Final = ["iss", "aud", "sub", "sid", "iat", "exp", "jti"]


class JwtAccessTokens(AccessTokens):
    """The issuer is the audience too: only this service reads its tokens."""

    def __init__(self, secret: str, issuer: str, lifetime_seconds: int) -> None:
        self._secret = secret
        self._issuer = issuer
        self.lifetime_seconds = lifetime_seconds

    def issue(self, principal: Principal, at: datetime) -> str:
        issued_at = int(at.timestamp())
        claims = {
            "iss": self._issuer,
            "aud": self._issuer,
            "sub": str(principal.user_id),
            "sid": str(principal.session_id),
            "iat": issued_at,
            "exp": issued_at + self.lifetime_seconds,
            "jti": uuid4().hex,
        }
        return jwt.encode(claims, self._secret, algorithm=ALGORITHM)

    def verify(self, token: str, at: datetime) -> Principal:
        try:
            claims = jwt.decode(
                token,
                self._secret,
                algorithms=[ALGORITHM],
                issuer=self._issuer,
                audience=self._issuer,
                # PyJWT only knows the wall clock; the expiry is compared with ours below.
                options={"require": REQUIRED_CLAIMS, "verify_exp": False, "verify_iat": False},
            )
            principal = Principal(user_id=UserId(UUID(claims["sub"])), session_id=SessionId(UUID(claims["sid"])))
            has_expired = at.timestamp() >= claims["exp"]
        except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError) as error:
            raise Unauthenticated("the access token is not valid") from error
        if has_expired:
            raise Unauthenticated("the access token has expired")
        return principal
