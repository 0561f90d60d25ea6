"""Users in memory."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from application.ports.users import Users
from domain.user import GitHubId, User, UserId


class InMemoryUsers(Users):
    def __init__(self, rows: dict[UserId, User]) -> None:
        self._rows = rows

    async def remember(self, newcomer: User) -> User:
        known = next((user for user in self._rows.values() if user.account.id == newcomer.account.id), None)
        user = replace(known, account=newcomer.account, last_login_at=newcomer.last_login_at) if known else newcomer
        self._rows[user.id] = user
        return user

    async def find(self, user_id: UserId) -> User | None:
        return self._rows.get(user_id)

    async def find_by_github_id(self, github_id: GitHubId) -> User | None:
        return next((user for user in self._rows.values() if user.account.id == github_id), None)

    async def find_all(self, user_ids: Collection[UserId]) -> Sequence[User]:
        return [self._rows[one] for one in user_ids if one in self._rows]

    async def lock(self, user_id: UserId) -> User | None:
        # The work is the only one at any time.
        return self._rows.get(user_id)
