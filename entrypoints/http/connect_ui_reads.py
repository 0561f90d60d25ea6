"""The few things that Connect UI asks of its `apiURL`: three reads, one beacon, one socket."""

import asyncio
import re
from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any, Final
from uuid import uuid4

from litestar import HttpMethod, Request, WebSocket, get, post, websocket
from litestar.datastructures import MutableScopeHeaders
from litestar.di import NamedDependency
from litestar.exceptions import WebSocketDisconnect
from litestar.params import FromPath
from litestar.types import BeforeMessageSendHookHandler, Message, Scope

from application.login.tell_purpose import TellPurpose
from application.ports.login_feed import LoginFeed, LoginNews, LoginWatch
from domain.attempt import LIFETIME, Purpose
from domain.errors import NotFound, Unauthenticated
from domain.secret import Secret
from entrypoints.http.connect_ui import integrations
from entrypoints.settings import Settings

SESSION_TOKEN: Final = re.compile(r"Bearer (?P<token>nango_connect_session_[0-9a-f]{64})")
# Connect UI lives on an origin of its own and sends no cookie here; all that a session's token tells is its purpose.
CORS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "authorization, content-type",
    "Access-Control-Allow-Methods": "GET, POST",
}
# Browsers send a beacon with cookies, always, and then take no wildcard.
TELEMETRY: Final = "/connect/telemetry"
PATHS: Final = ("/connect/session", TELEMETRY, "/integrations", "/providers/")
# Where this service shares its origin with an app, `/` is the app's; it stays for whoever does not read the session.
SOCKET_PATH: Final = "/connect/socket"
MOST_SOCKETS: Final = 500
MOST_SOCKETS_OF_ONE: Final = 50
TRY_AGAIN_LATER: Final = 1013


def allow_connect_ui(origin: str) -> BeforeMessageSendHookHandler:
    """Let Connect UI's origin read these answers, and those to its browser's preflight; a hook before sending."""

    async def before_send(message: Message, scope: Scope) -> None:
        if message["type"] == "http.response.start" and scope["path"].startswith(PATHS):
            headers = MutableScopeHeaders.from_message(message)
            for name, value in CORS.items():
                headers[name] = value
            # The rules for ALLOWED_ORIGINS are not for these: they would refuse the preflight, or allow credentials.
            if "access-control-allow-credentials" in headers:
                del headers["access-control-allow-credentials"]
            if "method" in scope and scope["method"] == HttpMethod.OPTIONS:
                message["status"] = HTTPStatus.OK
            if scope["path"] == TELEMETRY:
                headers["Access-Control-Allow-Origin"] = origin
                headers["Access-Control-Allow-Credentials"] = "true"

    return before_send


@dataclass(frozen=True, slots=True)
class Provider:
    """What Nango has behind an integration of ours."""

    name: str
    display_name: str
    auth_mode: str


PROVIDERS: Final = {
    Purpose.LOGIN: Provider("github", "GitHub", "OAUTH2"),
    Purpose.LINK: Provider("github-app-oauth", "GitHub repositories", "CUSTOM"),
}


def session_token_of(request: Request[Any, Any, Any]) -> Secret:
    sent = SESSION_TOKEN.fullmatch(request.headers.get("authorization", ""))
    if sent is None:
        raise Unauthenticated("send the session token of /auth/nango-session as bearer")
    return Secret(sent["token"])


@get("/connect/session", include_in_schema=False, public=True)
async def get_connect_session(
    request: Request[Any, Any, Any],
    settings: NamedDependency[Settings],
    tell_purpose: NamedDependency[TellPurpose],
) -> dict[str, Any]:
    """Tell which integration may be connected."""
    purpose = await tell_purpose(session_token_of(request))
    session = {
        "endUser": None,
        "allowed_integrations": [integrations(settings)[purpose]],
        "connectUISettings": {
            "showWatermark": False,
            "defaultTheme": "system",
            "theme": {"light": {"primary": "#1f5f46"}, "dark": {"primary": "#7fd1ae"}},
        },
        "websocketsPath": SOCKET_PATH,
    }
    return {"data": session}


@get("/integrations", include_in_schema=False, public=True)
async def get_integrations(
    request: Request[Any, Any, Any],
    settings: NamedDependency[Settings],
    tell_purpose: NamedDependency[TellPurpose],
) -> dict[str, Any]:
    purpose = await tell_purpose(session_token_of(request))
    integration = {
        "unique_key": integrations(settings)[purpose],
        "provider": PROVIDERS[purpose].name,
        "display_name": PROVIDERS[purpose].display_name,
        "logo": f"{settings.origin}/static/key.svg",
    }
    return {"data": [integration]}


@get("/providers/{provider:str}", include_in_schema=False, public=True)
async def get_provider(
    request: Request[Any, Any, Any], provider: FromPath[str], settings: NamedDependency[Settings]
) -> dict[str, Any]:
    session_token_of(request)
    known = next((one for one in PROVIDERS.values() if one.name == provider), None)
    if known is None:
        raise NotFound("only GitHub can be connected here")
    return {"data": {**asdict(known), "logo_url": f"{settings.origin}/static/key.svg"}}


@post(TELEMETRY, include_in_schema=False, public=True, status_code=HTTPStatus.NO_CONTENT)
async def post_telemetry() -> None:
    """Take what Connect UI reports of itself, and drop it."""


class Sockets:
    """Who waits for the outcome of a pop-up, in this process: so many in all, and so many of one address."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    @contextmanager
    def one_of(self, address: str) -> Generator[bool, None, None]:
        """Tell whether there is room for one more, and keep it until the block ends."""
        has_room = self._open.total() < MOST_SOCKETS and self._open[address] < MOST_SOCKETS_OF_ONE
        self._open[address] += has_room
        try:
            yield has_room
        finally:
            self._open[address] -= has_room
            if not self._open[address]:
                del self._open[address]


@websocket(["/", SOCKET_PATH], public=True)
async def connect_socket(
    socket: WebSocket[Any, Any, Any],
    login_feed: NamedDependency[LoginFeed],
    sockets: NamedDependency[Sockets],
    settings: NamedDependency[Settings],
) -> None:
    """Give the pop-up's opener a name, and tell it how the sign-in ended."""
    await socket.accept()
    with sockets.one_of(socket.client.host if socket.client else "") as has_room:
        if not has_room:
            await socket.close(code=TRY_AGAIN_LATER)
            return
        with suppress(WebSocketDisconnect):
            await tell_outcome(socket, login_feed, integrations(settings))


async def tell_outcome(
    socket: WebSocket[Any, Any, Any], login_feed: LoginFeed, integration_for: Mapping[Purpose, str]
) -> None:
    socket_id = str(uuid4())
    with login_feed.watching([socket_id]) as watch:
        await socket.send_json({"message_type": "connection_ack", "ws_client_id": socket_id})
        if news := await news_unless_gone(socket, watch):
            await socket.send_json(outcome(news, integration_for[news.purpose]))
            await socket.close()


async def news_unless_gone(socket: WebSocket[Any, Any, Any], watch: LoginWatch) -> LoginNews | None:
    waiting = asyncio.create_task(watch.next(LIFETIME.total_seconds()))
    gone = asyncio.create_task(disconnected(socket))
    try:
        await asyncio.wait({waiting, gone}, return_when=asyncio.FIRST_COMPLETED)
        return waiting.result() if waiting.done() else None
    finally:
        waiting.cancel()
        gone.cancel()


async def disconnected(socket: WebSocket[Any, Any, Any]) -> None:
    try:
        while True:
            await socket.receive_data(mode="text")
    except WebSocketDisconnect:
        return


def outcome(news: LoginNews, integration: str) -> dict[str, Any]:
    if news.is_finished:
        return {
            "message_type": "success",
            "provider_config_key": integration,
            "connection_id": news.connection_id,
            "is_pending": news.is_pending,
        }
    return {
        "message_type": "error",
        "provider_config_key": integration,
        "error_type": "login_failed",
        "error_desc": "GitHub did not confirm this sign-in",
    }
