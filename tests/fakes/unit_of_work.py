"""A database in memory: works on a copy, and keeps it on success."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime

from application.ports.unit_of_work import BeginWork, UnitOfWork
from domain.attempt import Attempt, AttemptId
from domain.connection import Connection, ConnectionId
from domain.delivery import DeliveryId
from domain.secret import SecretHash
from domain.session import Session, SessionId, SignInCode
from domain.user import User, UserId
from tests.fakes.attempts import InMemoryAttempts
from tests.fakes.connections import InMemoryConnections
from tests.fakes.deliveries import InMemoryDeliveries, StoredDelivery
from tests.fakes.login_feed import FakeLoginFeed
from tests.fakes.reconcile_runs import InMemoryReconcileRuns, StoredRun
from tests.fakes.sessions import InMemorySessions
from tests.fakes.sign_in_codes import InMemorySignInCodes
from tests.fakes.users import InMemoryUsers


@dataclass
class Tables:
    users: dict[UserId, User] = field(default_factory=dict[UserId, User])
    attempts: dict[AttemptId, Attempt] = field(default_factory=dict[AttemptId, Attempt])
    connections: dict[ConnectionId, Connection] = field(default_factory=dict[ConnectionId, Connection])
    rests: dict[ConnectionId, datetime] = field(default_factory=dict[ConnectionId, datetime])
    sessions: dict[SessionId, Session] = field(default_factory=dict[SessionId, Session])
    sign_in_codes: dict[SecretHash, SignInCode] = field(default_factory=dict[SecretHash, SignInCode])
    deliveries: dict[DeliveryId, StoredDelivery] = field(default_factory=dict[DeliveryId, StoredDelivery])
    reconcile_runs: list[StoredRun] = field(default_factory=list[StoredRun])


class BeginInMemoryWork(BeginWork):
    """One work at a time, as if every row were locked."""

    def __init__(self) -> None:
        self.tables = Tables()
        self.login_feed = FakeLoginFeed()
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def __call__(self, *, atomic: bool = True) -> AsyncGenerator[UnitOfWork, None]:
        async with self._lock:
            copy = deepcopy(self.tables) if atomic else self.tables
            news: list[Attempt] = []
            yield UnitOfWork(
                users=InMemoryUsers(copy.users),
                attempts=InMemoryAttempts(copy.attempts, news),
                connections=InMemoryConnections(copy.connections, copy.rests),
                sessions=InMemorySessions(copy.sessions),
                sign_in_codes=InMemorySignInCodes(copy.sign_in_codes),
                deliveries=InMemoryDeliveries(copy.deliveries),
                reconcile_runs=InMemoryReconcileRuns(copy.reconcile_runs),
            )
            self.tables = copy
        for attempt in news:
            self.login_feed.announce(attempt)
