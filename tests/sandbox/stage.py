"""A sandbox in the state of the recorded Nango, and hands to move it."""

import asyncio
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec

from entrypoints.sandbox.clock import ManualClock
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.settings import SandboxSettings
from entrypoints.sandbox.wire import Json
from tests.sandbox.recorded import Call
from tests.sandbox.served import app_of

RECORDED_KEY: Final = "dfe8a1bf-cad6-415b-a6bb-4081f9bf09e3"
SETTINGS: Final = SandboxSettings(
    secret_key=RECORDED_KEY,
    signing_key=RECORDED_KEY,
    environment_uuid="0b87b403-661a-44e5-952a-c1f0f77aef6d",
    webhook_url="http://127.0.0.1:3990/hook",
    connect_ui_url="http://127.0.0.1:3009/",
    rate_limit_per_minute=200,
)


@dataclass(frozen=True)
class Received:
    at: datetime
    request: httpx.Request
    body: bytes


@dataclass
class Sink(httpx.AsyncBaseTransport):
    """The app that the webhooks go to, by the `sink_mode` of the recordings."""

    clock: ManualClock
    mode: dict[str, Any] = field(default_factory=dict[str, Any])
    received: list[Received] = field(default_factory=list[Received])

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)
        if self.clock.now().timestamp() < self.mode.get("closed_until", 0):
            raise httpx.ConnectError("connection refused")
        self.received.append(Received(self.clock.now(), request, await request.aread()))
        if self.mode.get("close"):
            raise httpx.ReadError("connection reset")
        await self.clock.sleep(self.mode.get("delay", 0) / 1000)
        headers = {"location": "/redirected"} if self.mode.get("status") == 302 else {}
        return httpx.Response(self.mode.get("status", 200), headers={**headers, **self.mode.get("headers", {})})


class Stage:
    """`same` maps what a recording says (ids, tokens) to what this run has instead."""

    def __init__(self, settings: SandboxSettings = SETTINGS) -> None:
        self.clock = ManualClock()
        self.sink = Sink(self.clock)
        self.sandbox = Sandbox(settings, self.clock, self.sink)
        transport = httpx.ASGITransport(app_of(self.sandbox))
        self.http = httpx.AsyncClient(transport=transport, base_url=settings.public_url)
        self.key = {"Authorization": f"Bearer {settings.secret_key}"}
        self.same: dict[str, str] = {}

    async def control(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - any JSON
        answer = await self.http.request(method, f"/__sandbox{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def person(self, login: str = "octo-a", number: int = 1001) -> None:
        """Somebody of the recordings."""
        if self.sandbox.world.person(login) is None:
            await self.control("POST", "/people", {"login": login, "id": number, "name": login.upper()})

    async def session(self, body: dict[str, Any] | None = None, path: str = "/connect/sessions") -> str:
        answer = await self.http.post(path, headers=self.key, json=body or end_user("u1"))
        assert answer.status_code == 201, answer.text
        return answer.json()["data"]["token"]

    async def authorize(self, token: str, automation: str = "as=octo-a") -> str:
        """Go to GitHub and back as far as the callback's URL."""
        await self.person()
        leaving = await self.http.get("/oauth/connect/github", params={"connect_session_token": token})
        assert leaving.status_code == 302, leaving.text
        returning = await self.http.get(f"{leaving.headers['location']}&{automation}")
        assert returning.status_code == 302, returning.text
        return returning.headers["location"]

    async def log_in(self, body: dict[str, Any] | None = None, recorded_id: str = "") -> str:
        """Log in, and give the new connection's id, which stands for the recorded one."""
        return await self.finish(await self.session(body), recorded_id)

    async def finish(self, token: str, recorded_id: str = "", automation: str = "as=octo-a") -> str:
        callback = await self.authorize(token, automation)
        known = self.sandbox.nango.states[parse_qs(urlsplit(callback).query)["state"][0]].connection_id
        await self.http.get(callback)
        if recorded_id:
            self.same[recorded_id] = known
        return known

    async def send(self, call: Call) -> httpx.Response:
        """Send the recorded request, with this run's ids in place of the recorded ones."""
        return await self.http.request(
            call.method,
            self.ours(call.target),
            headers={"Accept-Encoding": "identity"} | {name: self.ours(value) for name, value in call.headers.items()},
            content=None if call.body is None else self.ours(call.body),
        )

    def ours(self, text: str) -> str:
        for recorded, current in self.same.items():
            text = text.replace(recorded, current)
        return text

    async def user(self, connection_id: str) -> httpx.Response:
        """Ask GitHub through the proxy who is behind a connection."""
        headers = {**self.key, "Connection-Id": connection_id, "Provider-Config-Key": "github"}
        return await self.http.get("/proxy/user", headers=headers)

    async def bodies(self) -> list[bytes]:
        """Let the webhooks arrive, and give what came."""
        await self.clock.settle()
        return [received.body for received in self.sink.received]

    async def import_installation(self, connection_id: str) -> None:
        """Make a connection of the seeded installation."""
        ids = {"app_id": "424242", "installation_id": "5001"}
        body = {
            "provider_config_key": "github-app-oauth",
            "connection_id": connection_id,
            "credentials": {"type": "CUSTOM", **ids},
            "connection_config": ids,
        }
        answer = await self.http.post("/connections", headers=self.key, json=body)
        assert answer.status_code == 201, answer.text

    async def change(self, **settings: object) -> None:
        await self.control("PATCH", "/conditions", settings)


def staged(**changes: object) -> Stage:
    """Make a stage with other settings than the recorded server's."""
    return Stage(msgspec.structs.replace(SETTINGS, **changes))


def end_user(name: str, **more: object) -> dict[str, Any]:
    """Write the session body of the recording's driver."""
    who = {"id": name, "email": f"{name}@app.test", "display_name": name}
    return {"end_user": who, "allowed_integrations": ["github"], **more}


def parsed(text: str) -> Json:
    return json.loads(text) if text else None
