"""Codes and tokens that the sandbox's GitHub gave out."""

import base64
import hashlib
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeVar

KEPT_CODES: Final = 10_000
KEPT_TOKENS: Final = 50_000
TOKENS_PER_GRANT: Final = 10
CODE_LIFETIME: Final = timedelta(minutes=10)
INSTALLATION_TOKEN_LIFETIME: Final = timedelta(hours=1)

Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """What GitHub remembers of an authorize URL until the code is exchanged."""

    client_id: str
    redirect_uri: str
    scope: str
    code_challenge: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What Nango sends for a code."""

    code: str
    client_id: str
    redirect_uri: str
    code_verifier: str | None


@dataclass(frozen=True, slots=True)
class Code:
    person_id: int
    request: AuthorizationRequest
    expires_at: datetime


@dataclass(slots=True, kw_only=True)
class Token:
    """An access token, of a person or of an installation."""

    value: str
    person_id: int | None = None
    installation_id: int | None = None
    scope: str = ""
    expires_at: datetime | None = None
    refresh_token: str | None = None
    revoked: bool = False

    @property
    def is_of_app(self) -> bool:
        """Tell whether a GitHub App got it; what an OAuth app gets looks otherwise."""
        return not self.value.startswith("gho_")

    def works(self, at: datetime) -> bool:
        return not self.revoked and (self.expires_at is None or at < self.expires_at)


def challenge_of(verifier: str) -> str:
    """PKCE's S256."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def remember(kept: OrderedDict[str, Kept], key: str, value: Kept, limit: int) -> None:
    """Store it, and forget the oldest beyond the limit."""
    kept[key] = value
    while len(kept) > limit:
        kept.popitem(last=False)


@dataclass(slots=True)
class Tokens:
    codes: OrderedDict[str, Code] = field(default_factory=OrderedDict[str, Code])
    by_value: OrderedDict[str, Token] = field(default_factory=OrderedDict[str, Token])
    _grants: OrderedDict[str, list[Token]] = field(default_factory=OrderedDict[str, list[Token]])

    def issue_code(self, person_id: int, request: AuthorizationRequest, at: datetime) -> str:
        code = f"code_{secrets.token_hex(12)}"
        remember(self.codes, code, Code(person_id, request, at + CODE_LIFETIME), KEPT_CODES)
        return code

    def redeem(self, exchange: Exchange, at: datetime, lifetime_seconds: int | None) -> Token | None:
        """Give a token for a code that is known, unused, fresh, and presented by whom and as it was asked for."""
        code = self.codes.pop(exchange.code, None)
        if code is None or at >= code.expires_at:
            return None
        asked = code.request
        if (asked.client_id, asked.redirect_uri) != (exchange.client_id, exchange.redirect_uri):
            return None
        if asked.code_challenge and asked.code_challenge != challenge_of(exchange.code_verifier or ""):
            return None
        token = self.issue_for_person(code.person_id, asked.scope, at, lifetime_seconds)
        self._revoke_the_oldest(token, asked.client_id)
        return token

    def issue_for_person(self, person_id: int, scope: str, at: datetime, lifetime_seconds: int | None) -> Token:
        """Scopes are an OAuth app's: a GitHub App has none, and may let its tokens live for ever too."""
        if lifetime_seconds is None:
            kind = "gho" if scope else "ghu"
            token = Token(value=f"{kind}_{secrets.token_hex(12)}", person_id=person_id, scope=scope)
        else:
            token = Token(
                value=f"ghu_{secrets.token_hex(12)}",
                person_id=person_id,
                expires_at=at + timedelta(seconds=lifetime_seconds),
                refresh_token=f"ghr_{secrets.token_hex(12)}",
            )
        remember(self.by_value, token.value, token, KEPT_TOKENS)
        return token

    def _revoke_the_oldest(self, token: Token, client_id: str) -> None:
        """Keep ten tokens per person, client and scope, as GitHub does without telling anybody."""
        grant = f"{token.person_id} {client_id} {token.scope}"
        tokens = [*self._grants.pop(grant, []), token]
        for old in tokens[:-TOKENS_PER_GRANT]:
            old.revoked = True
        remember(self._grants, grant, tokens[-TOKENS_PER_GRANT:], KEPT_TOKENS)

    def issue_for_installation(self, installation_id: int, at: datetime) -> Token:
        token = Token(
            value=f"ghs_{secrets.token_hex(12)}",
            installation_id=installation_id,
            expires_at=at + INSTALLATION_TOKEN_LIFETIME,
        )
        remember(self.by_value, token.value, token, KEPT_TOKENS)
        return token

    def find(self, value: str, at: datetime) -> Token | None:
        """Find the token, if it still works."""
        token = self.by_value.get(value)
        return token if token is not None and token.works(at) else None

    def revoke(self, value: str) -> bool:
        token = self.by_value.get(value)
        if token is None:
            return False
        token.revoked = True
        return True

    def revoke_all_of(self, person_id: int) -> int:
        mine = [token for token in self.by_value.values() if token.person_id == person_id]
        for token in mine:
            token.revoked = True
        return len(mine)
