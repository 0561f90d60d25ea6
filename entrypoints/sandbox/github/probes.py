"""Paths that GitHub does not have, to see what Nango's proxy makes of a request or an answer.

`/echo` answers with the request that arrived; `/status/{code}` with that status, whose rate-limit headers are set by
`rem` (remaining) and `rst` (seconds until the reset); `/slow?ms=` after a while.
"""

from datetime import datetime
from typing import Final

from entrypoints.sandbox.clock import SandboxClock
from entrypoints.sandbox.github.exchange import (
    HOURLY_LIMIT,
    UpstreamAnswer,
    UpstreamRequest,
    github_answer,
    github_headers,
)
from entrypoints.sandbox.wire import Json, JsonObject, compact_json

NO_CONTENT: Final = frozenset({204, 304})
RATE_LIMITED: Final = "API rate limit exceeded"
BODIES: Final[dict[int, JsonObject]] = {
    401: {"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest", "status": "401"},
    403: {"message": RATE_LIMITED, "documentation_url": "https://docs.github.com"},
    404: {"message": "Not Found", "documentation_url": "https://docs.github.com/rest", "status": "404"},
    429: {
        "message": f"{RATE_LIMITED} for user ID 1001.",
        "documentation_url": "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api",
        "status": "429",
    },
}


async def probe(request: UpstreamRequest, clock: SandboxClock) -> UpstreamAnswer | None:
    """Answer a probe path; nothing when the path is not one."""
    if request.path == "/echo":
        return _echo(request, clock.now())
    if request.path == "/slow":
        await clock.sleep(request.number("ms", 0) / 1000)
        return github_answer(clock.now(), {"slow": True})
    status = request.path.removeprefix("/status/")
    if status != request.path and status.isdecimal():
        return _status(int(status), request, clock.now())
    return None


def _echo(request: UpstreamRequest, at: datetime) -> UpstreamAnswer:
    headers: Json = {**request.headers}
    body: Json = {
        "method": request.method,
        "url": request.target,
        "headers": headers,
        "body": request.body.decode(errors="replace"),
    }
    return github_answer(at, body)


def _status(status: int, request: UpstreamRequest, at: datetime) -> UpstreamAnswer:
    headers = github_headers(
        at, remaining=request.number("rem", HOURLY_LIMIT - 1), reset_seconds=request.number("rst", 3600)
    )
    if status in NO_CONTENT:
        return UpstreamAnswer(status=status, headers=headers)
    if status == 302:  # noqa: PLR2004 - the path says the number
        return UpstreamAnswer(status=status, headers={**headers, "location": "/user"})
    body = BODIES.get(status, {"message": "Server Error"})
    return UpstreamAnswer(status=status, body=compact_json(body), headers=headers)
