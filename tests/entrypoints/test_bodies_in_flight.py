"""What strangers send before their signature can be checked is bounded."""

import asyncio

import pytest
from litestar.types import HTTPReceiveMessage, HTTPScope, Message, Receive, Scope, Send

from domain.errors import UpstreamUnavailable
from entrypoints.http.webhooks import MOST_HELD_BYTES, BodiesInFlight

CHUNK = b"x" * (MOST_HELD_BYTES // 4)
SCOPE: HTTPScope = {"type": "http"}  # pyright: ignore[reportAssignmentType] - nothing of it is read


def sends(*chunks: bytes) -> Receive:
    waiting = list(chunks)

    async def receive() -> HTTPReceiveMessage:
        return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}

    return receive


async def nobody(_: Message) -> None: ...


class Reader:
    """An application that reads a whole body, and then holds it."""

    def __init__(self) -> None:
        self.has_read = asyncio.Event()
        self.may_end = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope, send
        while (await receive()).get("more_body"):
            pass
        self.has_read.set()
        await self.may_end.wait()


async def test_more_than_can_be_held_is_refused_until_there_is_room_again() -> None:
    middleware, first, second = BodiesInFlight(), Reader(), Reader()
    second.may_end.set()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(middleware.handle(SCOPE, sends(CHUNK, CHUNK, CHUNK), nobody, first))
        await first.has_read.wait()
        with pytest.raises(UpstreamUnavailable):
            await middleware.handle(SCOPE, sends(CHUNK, CHUNK), nobody, second)
        await middleware.handle(SCOPE, sends(b"small"), nobody, second)
        first.may_end.set()

    await middleware.handle(SCOPE, sends(CHUNK, CHUNK, CHUNK, CHUNK), nobody, second)
