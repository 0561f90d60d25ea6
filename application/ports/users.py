"""Everyone we know."""

from collections.abc import Collection, Sequence
from typing import Protocol

from domain.user import GitHubId, User, UserId


class Users(Protocol):
    """One user per GitHub id."""

    async def remember(self, newcomer: User) -> User:
        """Store the newcomer and return them, unless their GitHub id is known already.

        A known user keeps their id and joining date, and takes the newcomer's account and last login. Either way the
        user is locked until the work ends, so that what follows is done for one login of theirs at a time.
        """
        ...

    async def find(self, user_id: UserId) -> User | None: ...

    async def find_by_github_id(self, github_id: GitHubId) -> User | None: ...

    async def find_all(self, user_ids: Collection[UserId]) -> Sequence[User]:
        """Find those that exist."""
        ...

    async def lock(self, user_id: UserId) -> User | None:
        """Find one, and lock them until the work ends, as `remember` does."""
        ...
