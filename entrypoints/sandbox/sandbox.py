"""The whole sandbox, in memory."""

import hashlib
from datetime import datetime

import httpx

from entrypoints.sandbox.calls import CallLog
from entrypoints.sandbox.clock import SandboxClock
from entrypoints.sandbox.conditions import Conditions
from entrypoints.sandbox.errands import Errands
from entrypoints.sandbox.github.api import GitHubApi
from entrypoints.sandbox.github.seed import seeded_world
from entrypoints.sandbox.github.tokens import Tokens
from entrypoints.sandbox.nango.audience import Audience
from entrypoints.sandbox.nango.integrations import Integration, integrations_of
from entrypoints.sandbox.nango.rate_limits import RateLimits
from entrypoints.sandbox.nango.state import Connection, NangoState
from entrypoints.sandbox.settings import SandboxSettings
from entrypoints.sandbox.webhooks import WebhookSender
from entrypoints.sandbox.wire import JsonObject, stable_json


class Sandbox:
    """Nango, GitHub, and the trouble between them; `reset` begins anew."""

    def __init__(
        self, settings: SandboxSettings, clock: SandboxClock, transport: httpx.AsyncBaseTransport | None
    ) -> None:
        self.settings = settings
        self.clock = clock
        self._transport = transport
        self.reset()

    def reset(self) -> None:
        settings, clock = self.settings, self.clock
        self.conditions = Conditions.of(settings)
        self.calls = CallLog()
        self.world = seeded_world()
        self.tokens = Tokens()
        self.github = GitHubApi(
            world=self.world,
            tokens=self.tokens,
            clock=clock,
            conditions=self.conditions,
            calls=self.calls,
            base_url=settings.public_url,
        )
        self.nango = NangoState()
        self.audience = Audience()
        self.rate_limits = RateLimits()
        self.integrations = integrations_of(settings, self.world.app)
        self.errands = Errands()
        self.webhooks = WebhookSender(
            clock=clock,
            conditions=self.conditions,
            signing_key=settings.signing_key,
            secondary_url=settings.secondary_webhook_url,
            transport=self._transport,
        )

    async def stop(self) -> None:
        """Leave off what is under way: runs of syncs, and webhooks."""
        await self.errands.stop()
        await self.webhooks.stop()

    def now(self) -> datetime:
        return self.clock.now()

    def integration_of(self, connection: Connection) -> Integration:
        return self.integrations[connection.integration]

    def provider_of(self, connection: Connection) -> str:
        return self.integration_of(connection).provider

    def announce(self, event: JsonObject, override_url: str | None) -> None:
        """Send an event to the app, without waiting for it."""
        self.webhooks.send(stable_json(event), override_url)

    @property
    def hook_secret(self) -> str:
        """What GitHub signs the App's webhooks with, by Nango's rule."""
        app = self.world.app
        link = f"{self.settings.public_url}/apps/{app.slug}"
        return hashlib.sha256(f"{app.id}{app.private_key}{link}".encode()).hexdigest()
