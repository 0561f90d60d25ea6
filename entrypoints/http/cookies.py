"""The cookies: one for the session, one for each sign-in under way."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from litestar.datastructures import Cookie

from domain.attempt import LIFETIME, Attempt, AttemptId
from domain.secret import Secret

MOST_ATTEMPTS: Final = 5
ATTEMPT_ID: Final = re.compile(r"[0-9a-f]{32}")
ATTEMPT_VALUE: Final = re.compile(r"(?P<began>\d{1,12})\.(?P<secret>[A-Za-z0-9_-]{20,100})")


@dataclass(frozen=True, slots=True)
class Cookies:
    """How our cookies are named and read.

    On https they are `__Host-`: bound to this very host, so that no sibling domain can plant one.
    """

    is_secure: bool

    @property
    def session_name(self) -> str:
        return f"{self._prefix}latchkey_session"

    @property
    def attempt_prefix(self) -> str:
        return f"{self._prefix}latchkey_login_"

    @property
    def _prefix(self) -> str:
        return "__Host-" if self.is_secure else ""

    def session_secret(self, cookies: Mapping[str, str]) -> Secret | None:
        value = cookies.get(self.session_name)
        return Secret(value) if value else None

    def attempt_secrets(self, cookies: Mapping[str, str]) -> dict[AttemptId, Secret]:
        """Read the secrets of this browser's sign-ins under way, newest first, and no more than we hand out."""
        found: list[tuple[int, AttemptId, Secret]] = []
        for name, value in cookies.items():
            attempt_id = self._attempt_id(name)
            parts = ATTEMPT_VALUE.fullmatch(value)
            if attempt_id and parts:
                found.append((int(parts["began"]), attempt_id, Secret(parts["secret"])))
        # Of those begun in one second the later ones come last: browsers send cookies in the order they were made.
        newest_first = sorted(found, key=lambda item: item[0])[::-1]
        return {attempt_id: secret for _, attempt_id, secret in newest_first[:MOST_ATTEMPTS]}

    def session(self, secret: Secret, lifetime: timedelta) -> Cookie:
        return self._cookie(self.session_name, secret.text, int(lifetime.total_seconds()))

    def session_ended(self) -> Cookie:
        return self._cookie(self.session_name, "", 0)

    def attempt(self, attempt: Attempt, secret: Secret) -> Cookie:
        value = f"{int(attempt.created_at.timestamp())}.{secret.text}"
        return self._cookie(self._attempt_name(attempt.id), value, int(LIFETIME.total_seconds()))

    def attempt_ended(self, attempt_id: AttemptId) -> Cookie:
        return self._cookie(self._attempt_name(attempt_id), "", 0)

    def surplus(self, cookies: Mapping[str, str]) -> list[Cookie]:
        """Drop what would be more than five sign-ins in one browser, the oldest first."""
        kept = list(self.attempt_secrets(cookies))[: MOST_ATTEMPTS - 1]
        names = {self._attempt_name(attempt_id) for attempt_id in kept}
        return [
            self._cookie(name, "", 0)
            for name in cookies
            if name.startswith(self.attempt_prefix) and name not in names and self._attempt_id(name)
        ]

    def _attempt_name(self, attempt_id: AttemptId) -> str:
        return f"{self.attempt_prefix}{attempt_id.hex}"

    def _attempt_id(self, name: str) -> AttemptId | None:
        id_in_hex = name.removeprefix(self.attempt_prefix)
        if id_in_hex == name or not ATTEMPT_ID.fullmatch(id_in_hex):
            return None
        return AttemptId(UUID(hex=id_in_hex))

    def _cookie(self, name: str, value: str, max_age_seconds: int) -> Cookie:
        return Cookie(
            key=name,
            value=value,
            max_age=max_age_seconds,
            path="/",
            secure=self.is_secure,
            httponly=True,
            samesite="lax",
        )
