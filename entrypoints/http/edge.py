"""What every answer gets, and one log line for each."""

from time import perf_counter
from typing import Final

import structlog
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger()

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
}
LOGGED: Final = {"method", "path_template"}
HSTS: Final = "max-age=31536000"


class Edge(ASGIMiddleware):
    """Safe headers, and a log of route and outcome; never the query, as it may carry a code."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, *, is_secure: bool) -> None:
        self._headers = {**HEADERS, "Strict-Transport-Security": HSTS} if is_secure else HEADERS

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        started = perf_counter()

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableScopeHeaders.from_message(message)
                for name, value in self._headers.items():
                    if name not in headers:
                        headers[name] = value
                self._log(scope, message["status"], started)
            await send(message)

        await next_app(scope, receive, send_with_headers)

    def _log(self, scope: Scope, status: int, started: float) -> None:
        log.info(
            "request",
            # A path that is not there has no template.
            **{name: value for name, value in scope.items() if name in LOGGED},
            status=status,
            milliseconds=round((perf_counter() - started) * 1000, 1),
        )
