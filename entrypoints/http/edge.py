"""What every answer gets, and one log line for each."""

from typing import Final

import structlog
from litestar.datastructures import MutableScopeHeaders
from litestar.types import BeforeMessageSendHookHandler, Message, Scope

log = structlog.get_logger()

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
HSTS: Final = {"Strict-Transport-Security": "max-age=31536000"}
# Never the query: it may carry a code.
LOGGED: Final = {"method", "path_template"}


def edge(*, is_secure: bool) -> BeforeMessageSendHookHandler:
    """Add the safe headers to whatever leaves, and log it; a failure in a middleware passes here too."""
    always = HEADERS | HSTS if is_secure else HEADERS

    async def before_send(message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        headers = MutableScopeHeaders.from_message(message)
        for name, value in always.items():
            if name not in headers:
                headers[name] = value
        log.info("request", status=message["status"], **described(scope))

    return before_send


def described(scope: Scope) -> dict[str, object]:
    """Say of a request what may be logged."""
    return {name: value for name, value in scope.items() if name in LOGGED}
