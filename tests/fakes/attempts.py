"""Attempts in memory."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from adapters.postgres.login_feed import news_of
from application.ports.attempts import Attempts
from application.ports.login_feed import LoginNews
from domain.attempt import MOVES, Attempt, AttemptId, AttemptState
from domain.secret import SecretHash
from domain.user import UserId

LEASABLE = {AttemptState.PASSING, AttemptState.FAILING}


class InMemoryAttempts(Attempts):
    def __init__(self, rows: dict[AttemptId, Attempt], news: list[LoginNews]) -> None:
        self._rows = rows
        self._news = news

    async def add(self, attempt: Attempt) -> None:
        self._rows[attempt.id] = attempt

    async def find(self, attempt_id: AttemptId) -> Attempt | None:
        return self._rows.get(attempt_id)

    async def links_of(self, user_id: UserId) -> Sequence[Attempt]:
        mine = [attempt for attempt in self._rows.values() if attempt.is_link and attempt.user_id == user_id]
        return sorted(mine, key=lambda attempt: attempt.created_at, reverse=True)[:50]

    async def is_token_of_link(self, session_token_hash: SecretHash) -> bool:
        return any(one.is_link and one.session_token_hash == session_token_hash for one in self._rows.values())

    async def find_by_state(self, state_hash: SecretHash) -> Attempt | None:
        return next((attempt for attempt in self._rows.values() if attempt.state_hash == state_hash), None)

    async def move(self, attempt: Attempt) -> bool:
        stored = self._rows.get(attempt.id)
        if stored is None or attempt.state not in MOVES[stored.state]:
            return False
        self._rows[attempt.id] = replace(
            stored,
            state=attempt.state,
            passed_at=attempt.passed_at,
            lease_until=attempt.lease_until,
            user_id=attempt.user_id,
            connection_id=attempt.connection_id,
            claim=attempt.claim,
            asks_approval=attempt.asks_approval,
            outcome=attempt.outcome,
        )
        if attempt.is_news:
            self._news.append(news_of(attempt))
        return True

    async def find_all(self, attempt_ids: Collection[AttemptId]) -> Sequence[Attempt]:
        found = [attempt for attempt in self._rows.values() if attempt.id in attempt_ids]
        return sorted(found, key=lambda attempt: attempt.created_at, reverse=True)

    async def aim(self, attempt: Attempt) -> bool:
        stored = self._rows.get(attempt.id)
        if stored is None or stored.state is not AttemptState.OPEN:
            return False
        self._rows[attempt.id] = replace(
            stored,
            state_hash=attempt.state_hash,
            authorization=attempt.authorization,
            socket_id=attempt.socket_id,
        )
        return True

    async def note_asked(self, attempt_id: AttemptId, at: datetime) -> None:
        stored = self._rows.get(attempt_id)
        if stored is not None and stored.asked_at is None:
            self._rows[attempt_id] = replace(stored, asked_at=at)

    async def lease(self, attempt_id: AttemptId, now: datetime, until: datetime) -> bool:
        stored = self._rows.get(attempt_id)
        if stored is None or stored.state not in LEASABLE or stored.is_leased(now):
            return False
        self._rows[attempt_id] = replace(stored, lease_until=until)
        return True

    async def rest(self, attempt_id: AttemptId, until: datetime) -> None:
        stored = self._rows.get(attempt_id)
        if stored is not None:
            self._rows[attempt_id] = replace(stored, lease_until=until)

    async def to_sweep(self, now: datetime, limit: int) -> Sequence[Attempt]:
        due = [
            attempt
            for attempt in self._rows.values()
            if (attempt.state is AttemptState.FAILING or (attempt.may_leave_something and attempt.is_expired(now)))
            and not attempt.is_leased(now)
        ]
        return sorted(due, key=lambda attempt: attempt.expires_at)[:limit]

    async def forget_before(self, moment: datetime) -> int:
        gone = [
            attempt.id
            for attempt in self._rows.values()
            if attempt.expires_at < moment
            and attempt.state is not AttemptState.FAILING
            and not attempt.may_leave_something
        ]
        for attempt_id in gone:
            del self._rows[attempt_id]
        return len(gone)
