"""The client over real sockets: what httpx, its transport and aiohttp make of it together."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from adapters.nango.budget import CallBudget, Share
from adapters.nango.calls import Answer, Bucket, Call
from adapters.nango.client import NangoClient
from adapters.nango.transport import TIMEOUTS, open_http
from domain.contents import encoded_content_path
from domain.errors import UpstreamUnavailable

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nSet-Cookie: oauth2-x=1; Path=/; Max-Age=3600\r\n\r\nok"
ENDLESS = b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n" + b"x" * 1000
DROP, HANG = b"", b"hang"
HAIRY = "a+b c%2F&=é#?;'\"<>/../%"


@dataclass
class Server:
    """Gives the planned replies in turn, over connections that stay open."""

    replies: list[bytes]
    heads: list[str] = field(default_factory=list[str])
    connections: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                self.heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
                reply = self.replies.pop(0)
                if reply == HANG:
                    await reader.read()
                    return
                if reply == DROP:
                    return
                writer.write(reply)
        except asyncio.IncompleteReadError:
            return
        finally:
            writer.close()

    @property
    def targets(self) -> list[str]:
        return [head.split(" ")[1] for head in self.heads]


@dataclass
class Wire:
    server: Server
    client: NangoClient
    pauses: list[float]

    async def send(self, *, callback: bool = False, path: str = "/x", query: dict[str, str] | None = None) -> Answer:
        call = Call(
            method="GET",
            route="/x",
            path=path,
            bucket=Bucket.BROWSER,
            query=query or {},
            headers={"Cookie": "mine=1"} if callback else {},
            repeatable=not callback,
        )
        return await self.client.send(call, Share.FINISH)


@pytest.fixture
async def wire() -> AsyncGenerator[Wire, None]:
    server, pauses = Server([]), list[float]()

    async def at_once(seconds: float) -> None:
        pauses.append(seconds)

    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    async with listening, open_http() as http:
        client = NangoClient(
            http=http, host=f"http://localhost:{port}", secret_key="key", budget=CallBudget(), sleep=at_once
        )
        yield Wire(server, client, pauses)


async def test_connections_are_reused_and_cookies_are_not(wire: Wire) -> None:
    wire.server.replies = [OK, OK, OK]

    for callback in (False, True, False):
        assert (await wire.send(callback=callback)).body == b"ok"

    assert wire.server.connections == 1
    assert ["oauth2" in head for head in wire.server.heads] == [False, False, False]
    assert ["mine=1" in head for head in wire.server.heads] == [False, True, False]


async def test_paths_and_queries_arrive_as_they_were_meant(wire: Wire) -> None:
    wire.server.replies = [OK]

    await wire.send(path="/connections/a%2Fb%3Fc%25", query={"code": HAIRY, "state": "s"})

    target = urlsplit(wire.server.targets[0])
    assert target.path == "/connections/a%2Fb%3Fc%25"
    assert parse_qsl(target.query) == [("code", HAIRY), ("state", "s")]


async def test_the_path_of_a_file_arrives_encoded_once(wire: Wire) -> None:
    wire.server.replies = [OK]
    name = "what?/#1/100%/a%20b/ä ö/a+b&c=d;e/~!$'()*,:@"

    await wire.send(path=f"/proxy/repositories/1/contents/{encoded_content_path(name)}")

    target = urlsplit(wire.server.targets[0])
    assert unquote(target.path) == f"/proxy/repositories/1/contents/{name}"
    assert (target.query, target.fragment) == ("", "")


@pytest.mark.parametrize("before", [[], [OK]])
async def test_a_callback_whose_connection_drops_arrives_once(wire: Wire, before: list[bytes]) -> None:
    wire.server.replies = [*before, DROP, OK]
    for _ in before:
        await wire.send()

    with pytest.raises(UpstreamUnavailable, match="no answer"):
        await wire.send(callback=True)

    assert len(wire.server.heads) == len(before) + 1
    assert wire.pauses == []


async def test_anything_else_whose_connection_drops_is_sent_again_by_us_alone(wire: Wire) -> None:
    wire.server.replies = [DROP, DROP, DROP, OK]

    with pytest.raises(UpstreamUnavailable, match="no answer"):
        await wire.send()

    assert len(wire.server.heads) == 3
    assert len(wire.pauses) == 2


async def test_a_callback_that_nobody_listens_for_is_tried_again(wire: Wire) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nobody = Wire(
            wire.server, replace(wire.client, host=f"http://127.0.0.1:{unused.getsockname()[1]}"), wire.pauses
        )

        with pytest.raises(UpstreamUnavailable, match="no answer"):
            await nobody.send(callback=True)

    assert len(wire.pauses) == 2


async def test_silence_is_given_up_after_the_read_timeout(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    wire.server.replies = [HANG]
    monkeypatch.setitem(TIMEOUTS, "read", 0.05)

    with pytest.raises(UpstreamUnavailable, match="no answer"):
        await wire.send(callback=True)


@pytest.mark.parametrize("reply", [HANG, ENDLESS])
async def test_the_whole_call_has_an_end(wire: Wire, reply: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.nango.client.TOTAL_SECONDS", 0.05)
    wire.server.replies = [reply]

    with pytest.raises(UpstreamUnavailable, match="no answer within"):
        await wire.send(callback=True)


async def test_what_is_no_http_is_no_answer(wire: Wire) -> None:
    wire.server.replies = [b"garbage\r\n\r\n"]

    with pytest.raises(UpstreamUnavailable, match="no answer"):
        await wire.send(callback=True)
