"""Nango's syncs as far as they are told what to do, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from application.ports.sync_control import SyncControl
from domain.connection import ConnectionId
from domain.errors import ConnectionNotFound, NoSuchSyncs
from domain.repository import Repository
from tests.fakes.nango.troubles import Troubles


@dataclass(slots=True, kw_only=True)
class FakeSyncControl(SyncControl, Troubles[Literal["tell_repositories", "start", "trigger"]]):
    """`told` are the full names that the syncs of a connection read; `deployed` are the names of all syncs."""

    deployed: set[str] = field(default_factory=lambda: {"pull_requests", "commits", "issues"})
    gone: set[ConnectionId] = field(default_factory=set[ConnectionId])
    told: dict[ConnectionId, list[str]] = field(default_factory=dict[ConnectionId, list[str]])
    started: dict[ConnectionId, list[str]] = field(default_factory=dict[ConnectionId, list[str]])
    triggered: list[tuple[ConnectionId, list[str], bool]] = field(
        default_factory=list[tuple[ConnectionId, list[str], bool]]
    )

    async def tell_repositories(self, connection_id: ConnectionId, repositories: Sequence[Repository]) -> None:
        with self.called("tell_repositories"):
            self._check(connection_id, [])
            self.told[connection_id] = [one.full_name for one in repositories]

    async def start(self, connection_id: ConnectionId, names: Sequence[str]) -> None:
        with self.called("start"):
            self._check(connection_id, names)
            self.started[connection_id] = list(names)

    async def trigger(self, connection_id: ConnectionId, names: Sequence[str], *, anew: bool = False) -> None:
        with self.called("trigger"):
            self._check(connection_id, names)
            self.triggered.append((connection_id, list(names), anew))

    def _check(self, connection_id: ConnectionId, names: Sequence[str]) -> None:
        if connection_id in self.gone:
            raise ConnectionNotFound("there is no such connection in Nango")
        if not self.deployed.issuperset(names):
            raise NoSuchSyncs("Nango has no such syncs")
