"""What every answer gets, and one log line for each."""

from typing import Final

import structlog
from litestar.types import BeforeMessageSendHookHandler, Message, Scope

log = structlog.get_logger()

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'; frame-src {connect_ui_origin}"
    ),
    "Cache-Control": "no-store",
    # Connect UI opens its pop-up from a frame of our page.
    "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
HSTS: Final = {"Strict-Transport-Security": "max-age=31536000"}
OPENER_POLICY: Final = b"cross-origin-opener-policy"
# Never the query: it may carry a code.
LOGGED: Final = {"method", "path_template"}


def edge(*, is_secure: bool, connect_ui_origin: str) -> BeforeMessageSendHookHandler:
    """Add the safe headers to whatever leaves, and log it; a failure in a middleware passes here too."""
    safe = HEADERS | HSTS if is_secure else HEADERS
    always = [
        (name.lower().encode(), value.format(connect_ui_origin=connect_ui_origin).encode())
        for name, value in safe.items()
    ]

    async def before_send(message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        headers = list(message["headers"])
        if "route_handler" in scope and "popup" in scope["route_handler"].opt:
            # A pop-up has to reach its opener.
            headers.append((OPENER_POLICY, b"unsafe-none"))
        names = {name for name, _ in headers}
        message["headers"] = [*headers, *(header for header in always if header[0] not in names)]
        log.info("request", status=message["status"], **described(scope))

    return before_send


def described(scope: Scope) -> dict[str, object]:
    """Say of a request what may be logged."""
    return {name: value for name, value in scope.items() if name in LOGGED}
