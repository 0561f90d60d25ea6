"""Access tokens as JSON Web Tokens (RFC 7519)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

import jwt

from adapters.jwt.keys import Key
from application.ports.access_tokens import AccessTokens
from domain.errors import Unauthenticated
from domain.session import Principal, SessionId
from domain.user import UserId

REQUIRED_CLAIMS: Final = ["iss", "aud", "sub", "sid", "iat", "exp", "jti"]


class JwtAccessTokens(AccessTokens):
    """The first key signs, all verify. The issuer is the audience too: the tokens are for this service."""

    def __init__(self, keys: Sequence[Key], issuer: str, lifetime_seconds: int) -> None:
        self._signing_key = keys[0]
        self._keys = {key.id: key for key in keys}
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
        key = self._signing_key
        headers = {"kid": key.id} if key.id else None
        return jwt.encode(claims, key.signs_with, algorithm=key.algorithm, headers=headers)

    def verify(self, token: str, at: datetime) -> Principal:
        try:
            # The header only names a key. With which algorithm it is used, the key says, whatever the header claims.
            key = self._keys[jwt.get_unverified_header(token).get("kid")]
            claims = jwt.decode(
                token,
                key.verifies_with,
                algorithms=[key.algorithm],
                issuer=self._issuer,
                audience=self._issuer,
                # PyJWT only knows the wall clock; the expiry is compared with ours below.
                options={"require": REQUIRED_CLAIMS, "verify_exp": False, "verify_iat": False},
            )
            principal = Principal(user_id=UserId(UUID(claims["sub"])), session_id=SessionId(UUID(claims["sid"])))
            has_expired = at.timestamp() >= claims["exp"]
        except (jwt.InvalidTokenError, LookupError, ValueError, TypeError, AttributeError) as error:
            raise Unauthenticated("the access token is not valid") from error
        if has_expired:
            raise Unauthenticated("the access token has expired")
        return principal
