"""Reading GitHub's lists as a sync does, with the connection's token."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Final
from urllib.parse import urlencode

from entrypoints.sandbox.github.exchange import UpstreamRequest
from entrypoints.sandbox.nango.refresh import RefreshBackingOff, RefreshFailed, ensure_fresh
from entrypoints.sandbox.nango.state import Connection
from entrypoints.sandbox.nango.upstream import follow
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.wire import Json, JsonObject, read_json

PAGE: Final = 100
OK: Final = 200


class SyncFailed(Exception):
    """A run ends with an error of that type."""

    def __init__(self, kind: str, description: str) -> None:
        super().__init__(description)
        self.kind = kind
        self.description = description


async def read(sandbox: Sandbox, connection: Connection, target: str) -> tuple[Json, bool]:
    """Read one document, and tell whether there are further pages of it; what GitHub refuses is not tried again."""
    try:
        ensure_fresh(sandbox, connection, force=False)
    except (RefreshFailed, RefreshBackingOff) as failure:
        raise SyncFailed("script_internal_error", str(failure)) from failure
    # Others get their turn between two pages.
    await asyncio.sleep(0)
    headers = {"authorization": f"Bearer {connection.credentials.access_token}", "accept": "application/json"}
    answer = await follow(sandbox, UpstreamRequest(method="GET", target=target, headers=headers, body=b""))
    document = read_json(answer.body)
    if answer.status != OK:
        message = document.get("message") if isinstance(document, dict) else ""
        raise SyncFailed("script_http_error", f"HTTP {answer.status} {message}")
    return document, 'rel="next"' in answer.headers.get("link", "")


async def pages(
    sandbox: Sandbox, connection: Connection, path: str, name: str | None = None, **query: str
) -> AsyncGenerator[list[JsonObject]]:
    """Read a list page after page; it may stand under a name."""
    number, has_more = 1, True
    while has_more:
        parameters = urlencode({**query, "per_page": PAGE, "page": number})
        document, has_more = await read(sandbox, connection, f"{path}?{parameters}")
        listed = document.get(name) if isinstance(document, dict) and name is not None else document
        yield [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        number += 1
