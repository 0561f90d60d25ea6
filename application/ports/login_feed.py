"""News of sign-ins, from whichever process has them."""

from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from domain.attempt import AttemptId, Purpose
from domain.connection import ConnectionId


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginNews:
    """An attempt was finished, or failed; or the approval that a finished one waits for was decided.

    `is_pending`: it is finished, and an owner has to approve.
    """

    attempt_id: AttemptId
    socket_id: str | None
    connection_id: ConnectionId | None
    is_finished: bool
    purpose: Purpose = Purpose.LOGIN
    is_pending: bool = False


class LoginWatch(Protocol):
    async def next(self, seconds: float) -> LoginNews | None:
        """Wait for news, at most so long, and not at all any more once the feed has ended."""
        ...


# The web framework checks what it is given, and can do that only with such a Protocol.
@runtime_checkable
class LoginFeed(Protocol):
    """What the stores of attempts (`Attempt.is_news`) and of approval requests announce with a commit.

    News may be lost: look as well.
    """

    def has_ended(self) -> bool:
        """Tell whether this process is about to stop: nobody should wait any longer."""
        ...

    def has_room(self, keys: Collection[str]) -> bool:
        """Tell whether another watch may be kept: few for each attempt or socket, and a bounded number in all."""
        ...

    def watching(self, keys: Collection[str]) -> AbstractContextManager[LoginWatch]:
        """Watch for news of these attempts or sockets, by id, from here to the end of the block."""
        ...
