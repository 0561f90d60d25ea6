"""HTTP to Nango: a bare transport, as a client's conveniences could send something twice or to others."""

import ssl
from functools import partial
from typing import Final

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

CONNECT_SECONDS: Final = 3.0
TOTAL_SECONDS: Final = 10.0
TIMEOUTS: Final = httpx.Timeout(TOTAL_SECONDS, connect=CONNECT_SECONDS, pool=CONNECT_SECONDS).as_dict()
CONNECTIONS: Final = 100
# Shorter than the 5 s of a Node.js server, so that a request never meets a connection that is being closed.
IDLE_SECONDS: Final = 3.0


class ConnectionLost(aiohttp.ClientConnectionError):
    """The connection broke after it was there: the request may have arrived."""


def open_http() -> httpx.AsyncBaseTransport:
    """Make the transport of `NangoClient`: no redirects, no cookies, no proxy; whoever makes it closes it."""
    trusted = httpx.create_ssl_context()
    return AiohttpTransport(verify=trusted, client=partial(_open_session, trusted))


def _open_session(trusted: ssl.SSLContext) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=IDLE_SECONDS, ssl=trusted),
        # Cookies belong to one person's authorisation; kept ones would be sent with everybody's.
        cookie_jar=aiohttp.DummyCookieJar(),
        middlewares=(_send_once,),
    )


async def _send_once(request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Keep aiohttp from repeating a GET by itself when the connection drops: a callback must not be sent twice."""
    try:
        return await send(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise ConnectionLost(type(error).__name__) from error
