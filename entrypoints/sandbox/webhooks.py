"""Delivery of webhooks by Nango's rules: at most three attempts, and never again after a 3xx or 4xx."""

import asyncio
import ssl
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Final, Literal
from urllib.parse import urljoin, urlsplit

import httpx

from entrypoints.sandbox.clock import SandboxClock
from entrypoints.sandbox.conditions import Conditions
from entrypoints.sandbox.signatures import webhook_signatures

KEPT_DELIVERIES: Final = 500
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
    """One webhook to one URL; `headers` are those that Nango adds to its own."""

    number: int
    url: str
    body: bytes
    inbound_headers: dict[str, str] = field(default_factory=dict[str, str])
    attempts: list[Attempt] = field(default_factory=list[Attempt])
    outcome: Outcome = "waiting"


@dataclass(slots=True)
class WebhookSender:
    """Sends in the background, in memory only, as Nango does."""

    clock: SandboxClock
    conditions: Conditions
    signing_key: str
    secondary_url: str | None
    transport: httpx.AsyncBaseTransport | None = None
    log: deque[Delivery] = field(default_factory=lambda: deque[Delivery](maxlen=KEPT_DELIVERIES))
    _held: list[Delivery] = field(default_factory=list[Delivery])
    _tasks: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])
    _numbers: "count[int]" = field(default_factory=lambda: count(1))
    _tls: ssl.SSLContext | None = None

    def send(self, body: bytes, override_url: str | None = None, inbound: dict[str, str] | None = None) -> None:
        """Let a webhook go its way, with the trouble that was asked for; nobody waits for it."""
        urls = [override_url] if override_url else [self.conditions.webhook_url, self.secondary_url]
        deliveries = [
            Delivery(number=next(self._numbers), url=url, body=body, inbound_headers=inbound or {})
            for url in urls
            if url is not None
        ]
        self.log.extend(deliveries)
        trouble = self.conditions.webhook_trouble
        if trouble.drop > 0:
            trouble.drop -= 1
            for delivery in deliveries:
                delivery.outcome = "dropped"
        elif trouble.reorder > 0:
            trouble.reorder -= 1
            for delivery in deliveries:
                delivery.outcome = "held"
            self._held += deliveries
            if trouble.reorder == 0:
                self.release_held()
        else:
            self._begin([*deliveries, *self._copies(deliveries)])

    def redeliver(self, delivery: Delivery) -> Delivery:
        """The same bytes once more, as a new delivery."""
        again = Delivery(
            number=next(self._numbers),
            url=delivery.url,
            body=delivery.body,
            inbound_headers=delivery.inbound_headers,
        )
        self.log.append(again)
        self._begin([again])
        return again

    def release_held(self) -> None:
        """Send what was held back, the last one first."""
        held, self._held = self._held, []
        self._begin([*reversed(held)])

    async def stop(self) -> None:
        """Forget everything under way, as a restart of Nango does."""
        tasks = [*self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _copies(self, deliveries: list[Delivery]) -> list[Delivery]:
        trouble = self.conditions.webhook_trouble
        if trouble.duplicate <= 0:
            return []
        trouble.duplicate -= 1
        copies = [
            Delivery(number=next(self._numbers), url=one.url, body=one.body, inbound_headers=one.inbound_headers)
            for one in deliveries
        ]
        self.log.extend(copies)
        return copies

    def _begin(self, deliveries: list[Delivery]) -> None:
        task = asyncio.get_running_loop().create_task(self._deliver_in_turn(deliveries))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver_in_turn(self, deliveries: list[Delivery]) -> None:
        await self.clock.sleep(self.conditions.webhook_trouble.delay_seconds)
        if self._tls is None and self.transport is None:
            self._tls = ssl.create_default_context()
        async with httpx.AsyncClient(transport=self.transport, verify=self._tls or True, timeout=None) as http:  # noqa: S113 - the clock times it out
            for delivery in deliveries:
                delivery.outcome = "waiting"
                await self._deliver(http, delivery)

    async def _deliver(self, http: httpx.AsyncClient, delivery: Delivery) -> None:
        for pause in (0.0, *PAUSES_SECONDS):
            await self.clock.sleep(pause)
            status = await self._attempt(http, delivery)
            if status is not None and status < SERVER_ERRORS:
                delivery.outcome = "delivered" if httpx.codes.is_success(status) else "refused"
                return
        delivery.outcome = "lost"

    async def _attempt(self, http: httpx.AsyncClient, delivery: Delivery) -> int | None:
        method, url, status = "POST", delivery.url, None
        for _ in range(MOST_REDIRECTS + 1):
            request = self._request(method, url, delivery)
            response = await self._answer(http, request, delivery)
            if response is None:
                return None
            status = response.status_code
            if status not in REDIRECTS or "location" not in response.headers:
                break
            method = method if status in KEEPING_THE_METHOD else "GET"
            url = urljoin(url, response.headers["location"])
        return status

    async def _answer(
        self, http: httpx.AsyncClient, request: httpx.Request, delivery: Delivery
    ) -> httpx.Response | None:
        """The app's answer; nothing when it could not be reached, hung up, or took longer than 20 s."""
        at, method, url = self.clock.now(), request.method, str(request.url)
        answering = asyncio.ensure_future(http.send(request))
        waiting = asyncio.ensure_future(self.clock.sleep(TIMEOUT_SECONDS))
        try:
            await asyncio.wait({answering, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if not answering.done():
                delivery.attempts.append(Attempt(at, method, url, None, "timeout"))
                return None
            response = answering.result()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            delivery.attempts.append(Attempt(at, method, url, None, type(error).__name__))
            return None
        finally:
            answering.cancel()
            waiting.cancel()
        delivery.attempts.append(Attempt(at, method, url, response.status_code))
        return response

    def _request(self, method: str, url: str, delivery: Delivery) -> httpx.Request:
        """Nango's header names in Nango's order; a followed redirect keeps the signatures and loses the body."""
        headers = {"Accept": "application/json, text/plain, */*", "Content-Type": "application/json"}
        headers |= delivery.inbound_headers
        headers |= webhook_signatures(self.signing_key, delivery.body)
        headers |= {"user-agent": USER_AGENT, "Content-Length": str(len(delivery.body))}
        headers |= {"Accept-Encoding": "gzip, compress, deflate, br", "Host": urlsplit(url).netloc}
        headers |= {"Connection": "keep-alive"}
        if method == "GET":
            del headers["Content-Type"], headers["Content-Length"]
            return httpx.Request(method, url, headers=headers)
        return httpx.Request(method, url, headers=headers, content=delivery.body)
