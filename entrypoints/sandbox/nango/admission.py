"""Who may call Nango, as Litestar guards: the order is body, key, rate limit, as on the real one.

They are coroutines because Litestar would run plain functions in a thread.
"""

import re
from typing import Any, Final

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from entrypoints.sandbox.calls import Bucket
from entrypoints.sandbox.nango.refusals import NangoRefusal, refused, unauthenticated
from entrypoints.sandbox.nango.state import ConnectSession
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.wire import Json, SandboxRequest, UnreadableJson, read_json

UUID_V4: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)
SESSION_PREFIX: Final = "nango_connect_session_"

AnyConnection = ASGIConnection[Any, Any, Any, Any]


async def json_body(request: SandboxRequest) -> Json:
    """Read the body again, which admission found readable; nothing sent is an empty object."""
    body = await request.body()
    return read_json(body) if body else {}


def unknown_session() -> NangoRefusal:
    return unauthenticated(
        "unknown_connect_session_token", "The provided connect session token does not match any account."
    )


def wrong_key_format() -> NangoRefusal:
    return unauthenticated("invalid_secret_key_format", "The provided secret key is not a UUID v4.")


def sandbox_of(connection: AnyConnection) -> Sandbox:
    """Find the sandbox through the application: Litestar copies whatever a guard is bound to."""
    sandbox: Sandbox = connection.app.state.sandbox
    return sandbox


async def readable_json(connection: AnyConnection, _: BaseRouteHandler) -> None:
    if not isinstance(connection, Request) or not (body := await connection.body()):
        return
    if not connection.headers.get("content-type", "").lower().startswith("application/json"):
        raise refused(415, "invalid_content_type", "Content-Type header must be application/json")
    try:
        read_json(body)
    except UnreadableJson as error:
        raise refused(400, "invalid_json", str(error)) from error


async def by_secret_key(connection: AnyConnection, _: BaseRouteHandler) -> None:
    _check_secret_key(connection, bearer_of(connection))
    _charge(connection, "secret")


async def by_session(connection: AnyConnection, _: BaseRouteHandler) -> None:
    """Leave the session in `connection.state.session`."""
    connection.state.session = _find_session(connection, bearer_of(connection))
    _charge(connection, "connect")


async def by_secret_key_or_session(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    if bearer_of(connection).startswith(SESSION_PREFIX):
        await by_session(connection, handler)
    else:
        await by_secret_key(connection, handler)


async def by_session_in_query(connection: AnyConnection, _: BaseRouteHandler) -> None:
    """Admit a browser, which sends no header."""
    token = connection.query_params.get("connect_session_token")
    if token is None:
        if connection.query_params.get("public_key") is None:
            raise unauthenticated("missing_public_key", "The request is missing the public key.")
        message = "Public key authentication is deprecated. Please use connect session authentication instead."
        raise refused(401, "deprecated_authentication", message)
    connection.state.session = _find_session(connection, token)
    _charge(connection, "connect")


def _check_secret_key(connection: AnyConnection, key: str) -> None:
    if not UUID_V4.fullmatch(key):
        raise wrong_key_format()
    if key.lower() != sandbox_of(connection).settings.secret_key.lower():
        reason = "The provided authorization header does not match any account."
        raise unauthenticated("unknown_account", reason)


def _find_session(connection: AnyConnection, token: str) -> ConnectSession:
    sandbox = sandbox_of(connection)
    session = sandbox.nango.find_session(token, sandbox.now())
    if session is None:
        raise unknown_session()
    return session


def _charge(connection: AnyConnection, bucket: Bucket) -> None:
    sandbox = sandbox_of(connection)
    charged = sandbox.rate_limits.charge(bucket, sandbox.conditions.rate_limit_per_minute, sandbox.now())
    connection.state.bucket = bucket
    connection.state.rate_limit_headers = charged.headers()
    if charged.retry_after_seconds is not None:
        path = connection.url.path
        method = connection.method if isinstance(connection, Request) else "GET"
        error: Json = {"code": "too_many_request", "method": method, "path": path}
        raise NangoRefusal(429, {"error": error})


def bearer_of(connection: AnyConnection) -> str:
    """Take what follows `Bearer `, whose case matters; another scheme is no key at all."""
    header = connection.headers.get("authorization")
    if header is None:
        raise unauthenticated("missing_auth_header", "The request is missing the Authorization header.")
    return header.removeprefix("Bearer ")


def session_of(request: SandboxRequest) -> ConnectSession | None:
    """Look up the connect session that admission found, if the caller came with one."""
    session = request.state.get("session")
    return session if isinstance(session, ConnectSession) else None
