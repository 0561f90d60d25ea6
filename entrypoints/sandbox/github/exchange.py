"""Requests to GitHub and its answers, as Nango's proxy passes them on."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from entrypoints.sandbox.wire import Json, compact_json

HOURLY_LIMIT: Final = 5000
DOCUMENTATION: Final = "https://docs.github.com/rest"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamRequest:
    """What reaches GitHub; `target` is path and query, header names are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def parameters(self) -> list[tuple[str, str]]:
        return parse_qsl(urlsplit(self.target).query)

    def parameter(self, name: str) -> str:
        """Read a query parameter; empty when it is not there."""
        return dict(self.parameters).get(name, "")

    def number(self, name: str, otherwise: int) -> int:
        """Read a numeric query parameter."""
        value = self.parameter(name)
        return int(value) if value.isdecimal() else otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamAnswer:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict[str, str])


def github_headers(at: datetime, *, remaining: int = HOURLY_LIMIT - 1, reset_seconds: int = 3600) -> dict[str, str]:
    reset = at + timedelta(seconds=reset_seconds)
    return {
        "x-ratelimit-limit": str(HOURLY_LIMIT),
        "x-ratelimit-remaining": str(remaining),
        "x-ratelimit-reset": str(int(reset.timestamp())),
        "x-github-request-id": secrets.token_hex(8).upper(),
        "x-github-media-type": "github.v3; format=json",
        "server": "github.com",
    }


def github_answer(at: datetime, body: Json, status: int = 200, headers: dict[str, str] | None = None) -> UpstreamAnswer:
    return UpstreamAnswer(status=status, body=compact_json(body), headers={**github_headers(at), **(headers or {})})


def github_refusal(at: datetime, status: int, message: str, documentation: str = DOCUMENTATION) -> UpstreamAnswer:
    return github_answer(at, {"message": message, "documentation_url": documentation, "status": str(status)}, status)
