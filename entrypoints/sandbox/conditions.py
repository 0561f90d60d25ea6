"""The trouble that the control API makes: everything that can be switched while the sandbox runs."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from entrypoints.sandbox.nango.records.shapes import SyncModel
from entrypoints.sandbox.nango.syncs.state import TEMPLATES
from entrypoints.sandbox.settings import SandboxSettings

FailureKind = Literal["status", "timeout", "reset"]
LimitKind = Literal["primary", "secondary"]


@dataclass(slots=True)
class PlannedFailure:
    """The next `times` calls of an endpoint fail."""

    endpoint: str
    times: int
    kind: FailureKind
    status: int
    seconds: float


@dataclass(slots=True)
class PlannedSyncFailure:
    """The next `times` runs of a sync fail: of this sync and connection, or of any."""

    sync: str | None
    connection_id: str | None
    times: int
    type: str
    description: str


@dataclass(slots=True)
class WebhookTrouble:
    """What happens to webhooks on their way; the counts run down with each webhook."""

    drop: int = 0
    duplicate: int = 0
    reorder: int = 0
    delay_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class GitHubLimit:
    """GitHub refuses everything until its rate limit resets."""

    kind: LimitKind
    status: int
    until: datetime


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
    github_limit: GitHubLimit | None = None
    drop_github_events: bool = False
    withheld_permissions: frozenset[str] = frozenset()
    """What the App has lost in all its installations."""
    installation_delay_seconds: float = 0.0
    """How long a new installation is not listed for people: GitHub's lists may lag behind."""
    says_none_for_strangers: bool = False
    """Whether a stranger's permission on a private repository is "none", or a 404; GitHub documents both."""
    records_page_bytes: int | None = None
    """How much a page of records holds at most, however many were asked for."""
    syncs: dict[str, SyncModel] = field(default_factory=TEMPLATES.copy)
    """Which syncs there are, by name, and what each reads; a free self-hosted Nango may have none."""
    tell_of_empty_syncs: bool = False
    """Whether a sync that changed nothing is told of."""
    sync_failures: list[PlannedSyncFailure] = field(default_factory=list[PlannedSyncFailure])

    @classmethod
    def of(cls, settings: SandboxSettings) -> "Conditions":
        return cls(
            latency_seconds=settings.latency_seconds,
            rate_limit_per_minute=settings.rate_limit_per_minute,
            token_lifetime_seconds=settings.token_lifetime_seconds,
            chunked_proxy_answers=settings.chunked_proxy_answers,
            webhook_url=settings.webhook_url,
        )

    def take_failure(self, *names: str) -> PlannedFailure | None:
        """Use up one failure planned for an endpoint, by any of its names."""
        planned = next((failure for failure in self.failures if failure.endpoint in names), None)
        if planned is not None:
            planned.times -= 1
            self.failures = [failure for failure in self.failures if failure.times > 0]
        return planned

    def take_sync_failure(self, sync: str, connection_id: str) -> PlannedSyncFailure | None:
        """Use up one failure planned for a run."""
        for planned in self.sync_failures:
            if planned.sync in {None, sync} and planned.connection_id in {None, connection_id}:
                planned.times -= 1
                self.sync_failures = [failure for failure in self.sync_failures if failure.times > 0]
                return planned
        return None
