"""Nango's webhooks: sent in the background, in memory only, through whatever trouble was asked for."""

import asyncio
import ssl
from collections import deque
from dataclasses import dataclass, field
from itertools import count
from typing import Final

import httpx

from entrypoints.sandbox.clock import SandboxClock
from entrypoints.sandbox.conditions import Conditions, WebhookTrouble
from entrypoints.sandbox.delivery import Courier, Delivery

KEPT_DELIVERIES: Final = 500


@dataclass(slots=True)
class WebhookSender:
    """Makes deliveries of webhooks, and remembers the latest."""

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

    @property
    def trouble(self) -> WebhookTrouble:
        return self.conditions.webhook_trouble

    def send(self, body: bytes, override_url: str | None = None, inbound: dict[str, str] | None = None) -> None:
        """Let a webhook go its way; nobody waits for it. An override URL replaces both others."""
        urls = [override_url] if override_url else [self.conditions.webhook_url, self.secondary_url]
        deliveries = [self._make(url, body, inbound or {}) for url in urls if url is not None]
        if self.trouble.drop > 0:
            self.trouble.drop -= 1
            for delivery in deliveries:
                delivery.outcome = "dropped"
        elif self.trouble.reorder > 0:
            self._hold(deliveries)
        elif self.trouble.duplicate > 0:
            self.trouble.duplicate -= 1
            self._begin([*deliveries, *(self._copy(delivery) for delivery in deliveries)])
        else:
            self._begin(deliveries)

    def redeliver(self, delivery: Delivery) -> Delivery:
        """Send the same bytes once more, as a new delivery."""
        again = self._copy(delivery)
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

    def _make(self, url: str, body: bytes, inbound: dict[str, str]) -> Delivery:
        delivery = Delivery(number=next(self._numbers), url=url, body=body, inbound_headers=inbound)
        self.log.append(delivery)
        return delivery

    def _copy(self, delivery: Delivery) -> Delivery:
        return self._make(delivery.url, delivery.body, delivery.inbound_headers)

    def _hold(self, deliveries: list[Delivery]) -> None:
        self.trouble.reorder -= 1
        for delivery in deliveries:
            delivery.outcome = "held"
        self._held += deliveries
        if self.trouble.reorder == 0:
            self.release_held()

    def _begin(self, deliveries: list[Delivery]) -> None:
        if not deliveries:
            return
        task = asyncio.get_running_loop().create_task(self._deliver_in_turn(deliveries))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver_in_turn(self, deliveries: list[Delivery]) -> None:
        await self.clock.sleep(self.trouble.delay_seconds)
        async with self._client() as http:
            courier = Courier(http, self.clock, self.signing_key)
            for delivery in deliveries:
                await courier.deliver(delivery)

    def _client(self) -> httpx.AsyncClient:
        """Make a client; the TLS context is shared, since making one takes longer than a delivery."""
        if self._tls is None:
            self._tls = ssl.create_default_context()
        # The clock ends what takes too long, so that a test need not wait for it.
        return httpx.AsyncClient(transport=self.transport, verify=self._tls, timeout=None)  # noqa: S113
