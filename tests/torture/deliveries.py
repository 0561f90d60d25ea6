"""Nango's webhooks in large numbers, as far as the service took them."""

import asyncio
import hashlib
import hmac
import json
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from threading import Event
from typing import Final
from uuid import uuid4

import httpx

from entrypoints.sandbox.settings import MADE_UP_SIGNING_KEY

TIMEOUT_SECONDS: Final = 30.0
PAUSE_SECONDS: Final = 0.5
LONGEST_SECONDS: Final = 240.0


def auth_webhook(connection_id: str, end_user_id: str) -> dict[str, object]:
    return {
        "from": "nango",
        "type": "auth",
        "connectionId": connection_id,
        "providerConfigKey": "github",
        "operation": "creation",
        "success": True,
        "endUser": {"endUserId": end_user_id, "endUserEmail": None, "tags": {}},
    }


def signed(body: Mapping[str, object]) -> tuple[bytes, dict[str, str]]:
    raw = json.dumps(body).encode()
    signature = hmac.new(MADE_UP_SIGNING_KEY.encode(), raw, hashlib.sha256).hexdigest()
    return raw, {"X-Nango-Hmac-Sha256": signature, "Content-Type": "application/json"}


@dataclass
class Sender:
    """Sends each webhook once, so many at a time, until enough were taken and `may_end` is set.

    Knows which ones the service answered with a 2xx.
    """

    address: str
    at_once: int
    may_end: Event = field(default_factory=Event)
    accepted: set[str] = field(default_factory=set[str])
    answers: Counter[str] = field(default_factory=Counter[str])

    def send(self, count: int) -> None:
        asyncio.run(self._send_all(count))

    async def _send_all(self, count: int) -> None:
        deadline = time.monotonic() + LONGEST_SECONDS
        limits = httpx.Limits(max_connections=self.at_once)
        async with httpx.AsyncClient(
            base_url=self.address, timeout=TIMEOUT_SECONDS, limits=limits, trust_env=False
        ) as http:

            async def work() -> None:
                while time.monotonic() < deadline and not (self.may_end.is_set() and len(self.accepted) >= count):
                    await self._send_one(http, str(uuid4()))

            async with asyncio.TaskGroup() as tasks:
                for _ in range(self.at_once):
                    tasks.create_task(work())

    async def _send_one(self, http: httpx.AsyncClient, connection_id: str) -> None:
        raw, headers = signed(auth_webhook(connection_id, str(uuid4())))
        try:
            answer = await http.post("/api/webhooks/nango", content=raw, headers=headers)
        except httpx.TransportError:
            self.answers["connection broken"] += 1
            # As long as nobody listens there is no hurry.
            await asyncio.sleep(PAUSE_SECONDS)
            return
        self.answers[str(answer.status_code)] += 1
        if answer.is_success:
            self.accepted.add(connection_id)
        elif answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
            await asyncio.sleep(PAUSE_SECONDS)
