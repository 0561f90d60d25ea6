"""One webhook on its way, by Nango's rules: at most three attempts, and never again after a 3xx or 4xx."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal
from urllib.parse import urljoin, urlsplit

import httpx

from entrypoints.sandbox.clock import SandboxClock
from entrypoints.sandbox.signatures import webhook_signatures

MOST_REDIRECTS: Final = 5
TIMEOUT_SECONDS: Final = 20.0
PAUSES_SECONDS: Final = (3.0, 6.0)
SERVER_ERRORS: Final = 500
USER_AGENT: Final = "nango/0.71.4 (linux/6.18; node.js/22.23.3)"
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
KEEPING_THE_METHOD: Final = frozenset({307, 308})

Outcome = Literal["waiting", "dropped", "held", "delivered", "refused", "lost"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request: its status, or the name of what went wrong."""

    at: datetime
    method: str
    url: str
    status: int | None
    error: str | None = None


@dataclass(slots=True, kw_only=True)
class Delivery:
    """One webhook to one URL; a forwarded one brings headers of its own along."""

    number: int
    url: str
    body: bytes
    inbound_headers: dict[str, str] = field(default_factory=dict[str, str])
    attempts: list[Attempt] = field(default_factory=list[Attempt])
    outcome: Outcome = "waiting"


@dataclass(frozen=True, slots=True)
class Courier:
    """Carries deliveries to the app."""

    http: httpx.AsyncClient
    clock: SandboxClock
    signing_key: str

    async def deliver(self, delivery: Delivery) -> None:
        """Try until there is an answer below 500, at most three times: at once, after 3 s, after 6 s more."""
        delivery.outcome = "waiting"
        for pause in (0.0, *PAUSES_SECONDS):
            await self.clock.sleep(pause)
            status = await self._attempt(delivery)
            if status is not None and status < SERVER_ERRORS:
                delivery.outcome = "delivered" if httpx.codes.is_success(status) else "refused"
                return
        delivery.outcome = "lost"

    async def _attempt(self, delivery: Delivery) -> int | None:
        method, url, status = "POST", delivery.url, None
        for _ in range(MOST_REDIRECTS + 1):
            response = await self._answer(self._request(method, url, delivery), delivery)
            if response is None:
                return None
            status = response.status_code
            if status not in REDIRECTS or "location" not in response.headers:
                break
            method = method if status in KEEPING_THE_METHOD else "GET"
            url = urljoin(url, response.headers["location"])
        return status

    async def _answer(self, request: httpx.Request, delivery: Delivery) -> httpx.Response | None:
        """Wait for the app; nothing comes when it cannot be reached, hangs up, or takes longer than 20 s."""
        at, method, url = self.clock.now(), request.method, str(request.url)
        answering = asyncio.ensure_future(self.http.send(request))
        waiting = asyncio.ensure_future(self.clock.sleep(TIMEOUT_SECONDS))
        try:
            await asyncio.wait({answering, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if not answering.done():
                delivery.attempts.append(Attempt(at, method, url, None, "timeout"))
                return None
            response = answering.result()
        except httpx.HTTPError as error:
            delivery.attempts.append(Attempt(at, method, url, None, type(error).__name__))
            return None
        finally:
            answering.cancel()
            waiting.cancel()
        delivery.attempts.append(Attempt(at, method, url, response.status_code))
        return response

    def _request(self, method: str, url: str, delivery: Delivery) -> httpx.Request:
        """Write Nango's header names in Nango's order; a followed redirect keeps the signatures, not the body."""
        headers = httpx.Headers({"Accept": "application/json, text/plain, */*"})
        body = delivery.body if method == "POST" else None
        if body is not None:
            headers["Content-Type"] = "application/json"
        for name, value in (delivery.inbound_headers | webhook_signatures(self.signing_key, delivery.body)).items():
            headers[name] = value
        headers["user-agent"] = USER_AGENT
        if body is not None:
            headers["Content-Length"] = str(len(body))
        headers.setdefault("Accept-Encoding", "gzip, compress, deflate, br")
        headers["Host"] = urlsplit(url).netloc
        headers["Connection"] = "keep-alive"
        return httpx.Request(method, url, headers=headers, content=body)
