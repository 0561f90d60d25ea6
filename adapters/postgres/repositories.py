"""Repositories in PostgreSQL."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row, scalar_row

from adapters.postgres.seen_repositories import FORGET_GRANTS, SEEN_LATER, stage, store
from application.ports.repositories import Repositories
from domain.installation import InstallationId
from domain.repository import Repository, RepositoryId, Visibility

REPOSITORY: Final = """
    repositories.id AS repository_id, owner_id, owner, name, visibility, is_archived, default_branch, url
"""
# A grant is recorded after its repository was locked, if that has to change.
REMOVE: Final = f"""
    WITH leaving AS (
        SELECT id FROM repositories AS known WHERE id = ANY(%(ids)s) AND NOT {SEEN_LATER} ORDER BY id FOR UPDATE
    )
    UPDATE repositories AS known
       SET installation_id = NULL,
           read_at = %(at)s
      FROM leaving
     WHERE known.id = leaving.id
    RETURNING known.id
"""  # noqa: S608 - of constants
UNNAMED: Final = """
    SELECT id
      FROM repositories
     WHERE installation_id = %(installation_id)s
       AND NOT EXISTS (SELECT FROM seen_repositories AS seen WHERE seen.id = repositories.id)
"""
FIND: Final = f"""
    SELECT {REPOSITORY}, installation_id FROM repositories WHERE id = %(id)s AND installation_id IS NOT NULL
"""  # noqa: S608 - of constants
IDS_OF: Final = "SELECT id FROM repositories WHERE installation_id = %(installation_id)s ORDER BY id"
# Both are read from their indexes, but for the names.
GRANTED_IN: Final = f"""
    SELECT {REPOSITORY}
      FROM repositories
     WHERE installation_id = %(installation_id)s
       AND id > %(after)s
       AND EXISTS (SELECT FROM grants WHERE grants.repository_id = repositories.id)
     ORDER BY id
     LIMIT %(limit)s
"""  # noqa: S608 - of constants


class PostgresRepositories(Repositories):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def save(self, installation_id: InstallationId, repository: Repository, at: datetime) -> None:
        async with self._connection.transaction():
            await stage(self._connection, [(repository, None)])
            await store(self._connection, installation_id, at)

    async def replace_all(
        self, installation_id: InstallationId, repositories: Sequence[Repository], at: datetime
    ) -> int:
        async with self._connection.transaction(), self._connection.cursor(row_factory=scalar_row) as cursor:
            await stage(self._connection, ((repository, None) for repository in repositories))
            await store(self._connection, installation_id, at)
            await cursor.execute(UNNAMED, {"installation_id": installation_id}, prepare=False)
            return await self._remove(await cursor.fetchall(), at)

    async def remove(self, repository_ids: Collection[RepositoryId], at: datetime) -> None:
        async with self._connection.transaction():
            await self._remove(list(repository_ids), at)

    async def find(self, repository_id: RepositoryId) -> tuple[Repository, InstallationId] | None:
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(FIND, {"id": repository_id})
            row = await cursor.fetchone()
            return (to_repository(row), InstallationId(row["installation_id"])) if row else None

    async def ids_of(self, installation_id: InstallationId) -> Sequence[RepositoryId]:
        async with self._connection.cursor(row_factory=scalar_row) as cursor:
            await cursor.execute(IDS_OF, {"installation_id": installation_id})
            return [RepositoryId(number) async for number in cursor]

    async def granted_in(
        self, installation_id: InstallationId, after: RepositoryId, limit: int
    ) -> Sequence[Repository]:
        parameters = {"installation_id": installation_id, "after": after, "limit": limit}
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(GRANTED_IN, parameters)
            return [to_repository(row) async for row in cursor]

    async def _remove(self, repository_ids: Sequence[RepositoryId], at: datetime) -> int:
        async with self._connection.cursor(row_factory=scalar_row) as cursor:
            await cursor.execute(REMOVE, {"ids": repository_ids, "at": at})
            if removed := await cursor.fetchall():
                await cursor.execute(FORGET_GRANTS, {"ids": removed})
            return len(removed)


def to_repository(row: DictRow) -> Repository:
    return Repository(
        id=RepositoryId(row["repository_id"]),
        owner_id=row["owner_id"],
        owner=row["owner"],
        name=row["name"],
        visibility=Visibility(row["visibility"]),
        is_archived=row["is_archived"],
        default_branch=row["default_branch"],
        url=row["url"],
    )
