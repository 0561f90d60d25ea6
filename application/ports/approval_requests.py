"""The requests for the App that wait for an owner, and those that did."""

from collections.abc import Sequence
from typing import Protocol

from domain.approval import ApprovalRequest
from domain.attempt import AttemptId
from domain.connection import ConnectionId
from domain.user import UserId


class ApprovalRequests(Protocol):
    """Each move of a request is made by at most one caller; its history is kept."""

    async def add(self, request: ApprovalRequest) -> None: ...

    async def find_by_attempt(self, attempt_id: AttemptId) -> ApprovalRequest | None: ...

    async def find_by_connection(self, connection_id: ConnectionId) -> ApprovalRequest | None: ...

    async def of_user(self, user_id: UserId) -> Sequence[ApprovalRequest]:
        """List a person's requests, newest first."""
        ...

    async def waiting_of(self, user_id: UserId) -> Sequence[ApprovalRequest]:
        """List those that wait, oldest first."""
        ...

    async def waiting_after(self, last: ApprovalRequest | None, limit: int) -> Sequence[ApprovalRequest]:
        """List the waiting ones of everybody, oldest first, from the one after this on."""
        ...

    async def move(self, request: ApprovalRequest) -> bool:
        """Store a request in its new state with its history, if the stored one may make that move (`MOVES`).

        Whoever watches its attempt hears of it, with the commit.
        """
        ...
