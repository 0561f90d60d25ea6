"""What only real sockets show: the bytes of a webhook, chunked answers, and cut connections."""

import asyncio
import json
import socket
import threading
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn

from entrypoints.sandbox.app import create_sandbox
from entrypoints.sandbox.settings import SandboxSettings
from entrypoints.sandbox.signatures import webhook_signatures
from tests.sandbox.recorded import recorded_deliveries


@asynccontextmanager
async def an_app() -> AsyncGenerator[tuple[str, asyncio.Queue[bytes]], None]:
    """Listen as an app that says 200 to everything and keeps the raw requests."""
    requests: asyncio.Queue[bytes] = asyncio.Queue()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        await requests.put(head + await reader.readexactly(length))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}/hook", requests


@pytest.fixture
def served() -> Generator[str, None, None]:
    """Serve a sandbox on a real server."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    # Whoever is quicker than the thread waits.
    listener.listen()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    config = uvicorn.Config(create_sandbox(SandboxSettings(public_url=url)), log_config=None, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield url
    server.should_exit = True
    thread.join()
    listener.close()


async def log_in(http: httpx.AsyncClient) -> str:
    key = {"Authorization": f"Bearer {SandboxSettings().secret_key}"}
    session = await http.post("/connect/sessions", headers=key, json={"end_user": {"id": "u1"}})
    query = {"connect_session_token": session.json()["data"]["token"]}
    leaving = await http.get("/oauth/connect/github", params=query)
    returning = await http.get(f"{leaving.headers['location']}&as=ada-rivera")
    assert (await http.get(returning.headers["location"])).status_code == 200
    listed = await http.get("/connections", headers=key)
    return listed.json()["connections"][0]["connection_id"]


def set_aside(headers: dict[str, str]) -> list[str]:
    return [name for name in headers if name != "host"]


async def test_a_webhook_has_the_recorded_head(served: str) -> None:
    async with an_app() as (hook, requests), httpx.AsyncClient(base_url=served) as http:
        await http.put("/__sandbox/webhooks/trouble", json={"url": hook})
        connection_id = await log_in(http)
        head, _, body = (await asyncio.wait_for(requests.get(), 5)).partition(b"\r\n\r\n")

    request_line, *lines = head.decode().split("\r\n")
    (recorded,) = recorded_deliveries("b04_webhook_github_login")
    assert request_line == "POST /hook HTTP/1.1"
    names = [line.split(":")[0].lower() for line in lines]
    # The HTTP library writes Host first, whatever it is told.
    assert [name for name in names if name != "host"] == [*(set_aside(recorded.headers)), "connection"]
    assert connection_id.encode() in body


async def test_syncs_run_and_their_webhooks_arrive_signed(served: str) -> None:
    settings = SandboxSettings()
    named = {"connection_id": "chosen", "provider_config_key": "github-app-oauth"}
    ids = {"app_id": "424242", "installation_id": "5001"}
    imported = {**named, "credentials": {"type": "CUSTOM", **ids}, "connection_config": ids}
    repositories = [{"owner": "northwind-labs", "repo": "atlas"}]
    key = {"Authorization": f"Bearer {settings.secret_key}"}
    async with an_app() as (hook, requests), httpx.AsyncClient(base_url=served, headers=key) as http:
        await http.post("/connections", json=imported)
        await http.patch("/connections/metadata", json={**named, "metadata": {"repositories": repositories}})
        await http.put("/__sandbox/webhooks/trouble", json={"url": hook})
        assert (await http.post("/sync/start", json={**named, "syncs": []})).json() == {"success": True}
        received = [await asyncio.wait_for(requests.get(), 5) for _ in range(3)]

    models: set[str] = set()
    for request in received:
        head, _, body = request.partition(b"\r\n\r\n")
        assert webhook_signatures(settings.signing_key, body)["X-Nango-Hmac-Sha256"].encode() in head
        models.add(json.loads(body)["model"])
    assert models == {"PullRequest", "Commit", "Issue"}


async def test_a_proxied_answer_is_chunked_and_an_error_is_not(served: str) -> None:
    async with httpx.AsyncClient(base_url=served) as http:
        headers = {
            "Authorization": f"Bearer {SandboxSettings().secret_key}",
            "Connection-Id": await log_in(http),
            "Provider-Config-Key": "github",
        }
        user = await http.get("/proxy/user", headers=headers)
        error = await http.get("/proxy/status/404", headers=headers)

    assert user.json()["login"] == "ada-rivera"
    assert user.headers["transfer-encoding"] == "chunked"
    assert "content-length" not in user.headers
    assert "transfer-encoding" not in error.headers
    assert error.headers["content-length"] == str(len(error.content))


async def test_a_planned_reset_cuts_the_connection(served: str) -> None:
    async with httpx.AsyncClient(base_url=served) as http:
        await http.post("/__sandbox/failures", json={"endpoint": "GET /connections", "kind": "reset"})

        with pytest.raises(httpx.RemoteProtocolError):
            await http.get("/connections")

        assert (await http.get("/__sandbox/healthz")).status_code == 200


async def test_a_planned_timeout_hangs(served: str) -> None:
    async with httpx.AsyncClient(base_url=served, timeout=0.05) as http:
        plan = {"endpoint": "GET /connections", "kind": "timeout", "seconds": 0.2}
        await http.post("/__sandbox/failures", json=plan, timeout=5)

        with pytest.raises(httpx.ReadTimeout):
            await http.get("/connections")
