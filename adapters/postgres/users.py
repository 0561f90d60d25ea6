"""Users in PostgreSQL."""

from collections.abc import Collection, Sequence
from typing import Final, LiteralString

from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row

from application.ports.users import Users
from domain.user import GitHubAccount, GitHubId, User, UserId

# One statement, so that two first logins at the same instant still make one user; the row stays locked.
REMEMBER: Final = """
    INSERT INTO users (id, github_id, login, name, email, avatar_url, joined_at, last_login_at)
    VALUES (%(id)s, %(github_id)s, %(login)s, %(name)s, %(email)s, %(avatar_url)s, %(joined_at)s, %(last_login_at)s)
    ON CONFLICT ON CONSTRAINT users_one_per_github_id DO UPDATE
       SET login = excluded.login,
           name = excluded.name,
           email = excluded.email,
           avatar_url = excluded.avatar_url,
           last_login_at = excluded.last_login_at
    RETURNING id, github_id, login, name, email, avatar_url, joined_at, last_login_at
"""
COLUMNS: Final = "SELECT id, github_id, login, name, email, avatar_url, joined_at, last_login_at FROM users"
FIND: Final = COLUMNS + " WHERE id = %(id)s"
FIND_ALL: Final = COLUMNS + " WHERE id = ANY(%(ids)s)"
LOCK: Final = FIND + " FOR UPDATE"
FIND_BY_GITHUB_ID: Final = COLUMNS + " WHERE github_id = %(id)s"


class PostgresUsers(Users):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def remember(self, newcomer: User) -> User:
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(REMEMBER, to_row(newcomer))
            return to_user(await anext(cursor))

    async def find(self, user_id: UserId) -> User | None:
        return await self._find_one(FIND, user_id)

    async def find_by_github_id(self, github_id: GitHubId) -> User | None:
        return await self._find_one(FIND_BY_GITHUB_ID, github_id)

    async def find_all(self, user_ids: Collection[UserId]) -> Sequence[User]:
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(FIND_ALL, {"ids": list(user_ids)})
            return [to_user(row) async for row in cursor]

    async def lock(self, user_id: UserId) -> User | None:
        return await self._find_one(LOCK, user_id)

    async def _find_one(self, query: LiteralString, key: UserId | GitHubId) -> User | None:
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(query, {"id": key})
            row = await cursor.fetchone()
            return to_user(row) if row else None


def to_row(user: User) -> DictRow:
    account = user.account
    return {
        "id": user.id,
        "github_id": account.id,
        "login": account.login,
        "name": account.name,
        "email": account.email,
        "avatar_url": account.avatar_url,
        "joined_at": user.joined_at,
        "last_login_at": user.last_login_at,
    }


def to_user(row: DictRow) -> User:
    account = GitHubAccount(
        id=GitHubId(row["github_id"]),
        login=row["login"],
        name=row["name"],
        email=row["email"],
        avatar_url=row["avatar_url"],
    )
    return User(id=UserId(row["id"]), account=account, joined_at=row["joined_at"], last_login_at=row["last_login_at"])
