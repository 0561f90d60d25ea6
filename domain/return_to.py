"""Where a person goes after signing in: a path of ours, or an exact allowed origin."""

import re
from base64 import urlsafe_b64encode
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from typing import Final

from domain.errors import InvalidReturnTo

LONGEST: Final = 2048
PRINTABLE: Final = re.compile(r"[\x21-\x7e]+")
# One slash, and nothing after it that a browser would read as the start of another host.
PATH: Final = re.compile(r"/(?![/\\]).*")
S256_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class ReturnTo:
    """A checked destination; `code_challenge` (PKCE, S256) is set exactly when it is another origin."""

    url: str
    code_challenge: str | None = None

    @classmethod
    def parse(
        cls, raw: str | None, code_challenge: str | None, *, own_origin: str, allowed_origins: Collection[str]
    ) -> "ReturnTo":
        """Check a destination from outside; `InvalidReturnTo` says what to change."""
        checked = cls.parse_for_link(raw, own_origin=own_origin, allowed_origins=allowed_origins)
        if checked.url.startswith("/"):
            return checked
        if "#" in checked.url:
            raise InvalidReturnTo(
                "return_to on another origin must not have a fragment: the one-time code goes in the query"
            )
        if code_challenge is None or not S256_CHALLENGE.fullmatch(code_challenge):
            raise InvalidReturnTo(
                "return_to on another origin needs code_challenge: base64url(SHA-256(code verifier)), as PKCE S256 says"
            )
        return cls(checked.url, code_challenge)

    @classmethod
    def parse_for_link(cls, raw: str | None, *, own_origin: str, allowed_origins: Collection[str]) -> "ReturnTo":
        """Check a destination that is given no code: whoever comes back there is signed in already."""
        if not raw:
            return cls("/")
        if len(raw) > LONGEST or not PRINTABLE.fullmatch(raw):
            raise InvalidReturnTo(f"return_to must be at most {LONGEST} printable ASCII characters, percent-encoded")
        path = raw.removeprefix(own_origin)
        if PATH.fullmatch(path):
            return cls(path)
        # Compared as text: no parser of ours and of a browser can then disagree about the host.
        if "\\" in raw or not any(
            raw == origin or raw.startswith((f"{origin}/", f"{origin}?")) for origin in allowed_origins
        ):
            raise InvalidReturnTo("return_to must be a path such as /welcome, or start with one of the ALLOWED_ORIGINS")
        return cls(raw)

    def with_code(self, code: str) -> str:
        """Add the one-time code to the destination's query."""
        return f"{self.url}{'&' if '?' in self.url else '?'}code={code}"


def fits(code_challenge: str, code_verifier: str) -> bool:
    """Tell whether the verifier is the one the challenge was made from (RFC 7636, S256)."""
    digest = urlsafe_b64encode(sha256(code_verifier.encode()).digest()).rstrip(b"=").decode()
    return compare_digest(digest.encode(), code_challenge.encode())
