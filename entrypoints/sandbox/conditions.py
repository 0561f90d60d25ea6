"""The trouble that the control API makes: everything that can be switched while the sandbox runs."""

from dataclasses import dataclass, field
from typing import Literal

from entrypoints.sandbox.settings import SandboxSettings

FailureKind = Literal["status", "timeout", "reset"]


@dataclass(slots=True)
class PlannedFailure:
    """The next `times` calls of an endpoint fail."""

    endpoint: str
    times: int
    kind: FailureKind
    status: int
    seconds: float


@dataclass(slots=True)
class WebhookTrouble:
    """What happens to webhooks on their way; the counts run down with each webhook."""

    drop: int = 0
    duplicate: int = 0
    reorder: int = 0
    delay_seconds: float = 0.0


@dataclass(slots=True)
class Conditions:
    latency_seconds: float
    rate_limit_per_minute: int | None
    token_lifetime_seconds: int | None
    chunked_proxy_answers: bool
    webhook_url: str | None
    lose_user_credentials: bool = False
    """Who wins Nango's race after an installation: if the app's token does, what is known of the person is lost."""
    webhook_trouble: WebhookTrouble = field(default_factory=WebhookTrouble)
    failures: list[PlannedFailure] = field(default_factory=list[PlannedFailure])

    @classmethod
    def of(cls, settings: SandboxSettings) -> "Conditions":
        return cls(
            latency_seconds=settings.latency_seconds,
            rate_limit_per_minute=settings.rate_limit_per_minute,
            token_lifetime_seconds=settings.token_lifetime_seconds,
            chunked_proxy_answers=settings.chunked_proxy_answers,
            webhook_url=settings.webhook_url,
        )

    def take_failure(self, endpoint: str) -> PlannedFailure | None:
        """Use up one failure planned for this endpoint."""
        planned = next((failure for failure in self.failures if failure.endpoint == endpoint), None)
        if planned is not None:
            planned.times -= 1
            self.failures = [failure for failure in self.failures if failure.times > 0]
        return planned
