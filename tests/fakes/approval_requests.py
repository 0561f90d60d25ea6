"""Approval requests in memory."""

from collections.abc import Sequence
from dataclasses import replace

from application.ports.approval_requests import ApprovalRequests
from application.ports.login_feed import LoginNews
from domain.approval import MOVES, ApprovalRequest
from domain.attempt import AttemptId, Purpose
from domain.connection import ConnectionId
from domain.user import UserId
from tests.fakes.tables import Tables


class InMemoryApprovalRequests(ApprovalRequests):
    def __init__(self, tables: Tables, news: list[LoginNews]) -> None:
        self._rows = tables.approval_requests
        self._users = tables.users
        self._news = news

    async def add(self, request: ApprovalRequest) -> None:
        if request.id in self._rows or await self.find_by_attempt(request.attempt_id):
            raise AssertionError("an attempt leads to one request, which is added once")
        if await self.find_by_connection(request.connection_id):
            raise AssertionError("a connection waits for one request")
        self._rows[request.id] = request

    async def find_by_attempt(self, attempt_id: AttemptId) -> ApprovalRequest | None:
        return next((one for one in self._rows.values() if one.attempt_id == attempt_id), None)

    async def find_by_connection(self, connection_id: ConnectionId) -> ApprovalRequest | None:
        return next((one for one in self._rows.values() if one.connection_id == connection_id), None)

    async def of_user(self, user_id: UserId) -> Sequence[ApprovalRequest]:
        return [one for one in reversed(self._oldest_first()) if one.user_id == user_id]

    async def waiting_of(self, user_id: UserId) -> Sequence[ApprovalRequest]:
        return [one for one in self._oldest_first() if one.is_waiting and one.user_id == user_id]

    async def waiting_after(self, last: ApprovalRequest | None, limit: int) -> Sequence[ApprovalRequest]:
        waiting = [one for one in self._oldest_first() if one.is_waiting]
        return [one for one in waiting if last is None or (one.requested_at, one.id) > (last.requested_at, last.id)][
            :limit
        ]

    async def move(self, request: ApprovalRequest) -> bool:
        stored = self._rows.get(request.id)
        if stored is None or request.state not in MOVES[stored.state]:
            return False
        known = {line.state for line in stored.history}
        self._rows[request.id] = replace(
            stored,
            state=request.state,
            account_id=request.account_id,
            account=request.account,
            installation_id=request.installation_id,
            history=(*stored.history, *(line for line in request.history if line.state not in known)),
        )
        self._news.append(
            LoginNews(
                attempt_id=stored.attempt_id,
                socket_id=None,
                connection_id=stored.connection_id,
                is_finished=True,
                purpose=Purpose.LINK,
            )
        )
        return True

    def _oldest_first(self) -> list[ApprovalRequest]:
        return sorted(self._rows.values(), key=lambda one: (one.requested_at, one.id))
