"""What Nango remembers of a connection's syncs."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, TypeAlias
from uuid import uuid4

from entrypoints.sandbox.nango.records.shapes import SyncModel
from entrypoints.sandbox.nango.records.table import Saved
from entrypoints.sandbox.wire import JsonObject

SyncStatus = Literal["RUNNING", "SUCCESS", "ERROR", "PAUSED", "STOPPED"]
SyncType = Literal["INITIAL", "INCREMENTAL", "WEBHOOK"]
SyncKey: TypeAlias = tuple[str, str]
"""The name of a sync, and its variant."""

TEMPLATES: Final[dict[str, SyncModel]] = {"pull_requests": "PullRequest", "commits": "Commit", "issues": "Issue"}
"""The syncs of the family `github-app-oauth`."""


@dataclass(slots=True)
class SyncState:
    """A sync that was not started yet is paused: a self-hosted Nango starts none by itself."""

    id: str = field(default_factory=lambda: str(uuid4()))
    is_paused: bool = True
    is_running: bool = False
    has_failed: bool = False
    checkpoint: JsonObject | None = None
    last_read_at: datetime | None = None
    """When the latest run began that worked; nothing before the first, and after a reset."""
    finished_at: datetime | None = None
    type: SyncType = "INITIAL"
    result: Saved | None = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def status(self) -> SyncStatus:
        if self.is_running:
            return "RUNNING"
        if self.is_paused:
            return "PAUSED"
        return "ERROR" if self.has_failed else "SUCCESS"

    def reset(self) -> None:
        """Forget how far it got, so that everything is read again."""
        self.checkpoint = self.last_read_at = None


@dataclass(slots=True)
class Syncs:
    """All syncs of one connection."""

    states: dict[SyncKey, SyncState] = field(default_factory=dict[SyncKey, SyncState])

    def state(self, key: SyncKey) -> SyncState:
        return self.states.setdefault(key, SyncState())
