"""Asking GitHub on behalf of a connection."""

from dataclasses import replace
from typing import Final

from entrypoints.sandbox.github.exchange import UpstreamAnswer, UpstreamRequest
from entrypoints.sandbox.sandbox import Sandbox

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS: Final = 5


async def follow(sandbox: Sandbox, request: UpstreamRequest) -> UpstreamAnswer:
    """Ask, and go where the answer leads on to."""
    answer = await sandbox.github.answer(request)
    for _ in range(MOST_REDIRECTS):
        if answer.status not in REDIRECTS:
            break
        request = replace(request, target=answer.headers["location"])
        answer = await sandbox.github.answer(request)
    return answer
