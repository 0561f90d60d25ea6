"""What grants show, read by their keys alone, however many there are."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row

from adapters.postgres.installations import INSTALLATION, to_installation
from adapters.postgres.proof_rows import PROOF, to_proof
from adapters.postgres.repositories import REPOSITORY, to_repository
from domain.grant import Grant, GrantFilter
from domain.repository import Permission, RepositoryId
from domain.user import UserId

COLUMNS: Final = f"SELECT permission, {REPOSITORY}, {PROOF}, {INSTALLATION}"
# One whose repository was moved away at the same instant shows nothing.
FIND: Final = f"""
    {COLUMNS}
      FROM grants
      JOIN repositories ON repositories.id = grants.repository_id
                       AND repositories.installation_id = grants.installation_id
      JOIN proofs ON proofs.user_id = grants.user_id AND proofs.installation_id = grants.installation_id
      JOIN installations ON installations.id = grants.installation_id
     WHERE grants.user_id = %(user_id)s AND grants.repository_id = %(repository_id)s
"""
# A person has few proofs: they are read once, and not for each grant.
IS_SHOWN: Final = """
    grants.installation_id = ANY (ARRAY(SELECT proofs.installation_id
                                          FROM proofs
                                          JOIN installations ON installations.id = proofs.installation_id
                                         WHERE proofs.user_id = %(user_id)s
                                           AND proofs.closes_at > %(at)s
                                           AND installations.state = 'active'))
"""
# Each offset keeps the planner from another order than this: a page of grants by their key, and what belongs to each.
# It would sort all that a person has for one page, or read all repositories of an installation for the few of them.
LIST: Final = f"""
    SELECT *
      FROM (SELECT user_id AS holder, repository_id AS granted, installation_id AS proven, permission
              FROM grants
             WHERE user_id = %(user_id)s AND repository_id > %(after)s AND {IS_SHOWN}
             ORDER BY repository_id
            OFFSET 0) AS page,
           LATERAL (SELECT {REPOSITORY}
                      FROM repositories
                     WHERE repositories.id = granted AND repositories.installation_id = proven
                    OFFSET 0) AS repository,
           LATERAL (SELECT {PROOF}, {INSTALLATION}
                      FROM proofs
                      JOIN installations ON installations.id = proofs.installation_id
                     WHERE proofs.user_id = holder AND proofs.installation_id = proven
                    OFFSET 0) AS proof
     WHERE (%(owner)s::text IS NULL OR lower(owner) = lower(%(owner)s))
       AND (%(visibility)s::text IS NULL OR visibility = %(visibility)s)
       AND (%(permission)s::smallint IS NULL OR permission >= %(permission)s)
       AND (%(is_archived)s::boolean IS NULL OR is_archived = %(is_archived)s)
       AND (%(installation_id)s::bigint IS NULL OR proven = %(installation_id)s)
       AND (%(text)s::text IS NULL OR strpos(lower(owner || '/' || name), lower(%(text)s)) > 0)
     ORDER BY granted
     LIMIT %(limit)s
"""  # noqa: S608 - of constants
COUNT: Final = f"""
    SELECT count(*) AS number
      FROM grants,
           LATERAL (SELECT
                      FROM repositories
                     WHERE repositories.id = grants.repository_id
                       AND repositories.installation_id = grants.installation_id
                    OFFSET 0) AS repository
     WHERE grants.user_id = %(user_id)s AND {IS_SHOWN}
"""  # noqa: S608 - of constants


async def find_grant(connection: AsyncConnection, user_id: UserId, repository_id: RepositoryId) -> Grant | None:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(FIND, {"user_id": user_id, "repository_id": repository_id})
        row = await cursor.fetchone()
        return to_grant(row) if row else None


async def list_grants(  # noqa: PLR0913, PLR0917 - as the port has it
    connection: AsyncConnection,
    user_id: UserId,
    wanted: GrantFilter,
    at: datetime,
    after: RepositoryId,
    limit: int,
) -> Sequence[Grant]:
    parameters = {**asdict(wanted), "user_id": user_id, "at": at, "after": after, "limit": limit}
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(LIST, parameters)
        return [to_grant(row) async for row in cursor]


async def count_grants(connection: AsyncConnection, user_id: UserId, at: datetime) -> int:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(COUNT, {"user_id": user_id, "at": at})
        return (await anext(cursor))["number"]


def to_grant(row: DictRow) -> Grant:
    return Grant(
        repository=to_repository(row),
        permission=Permission(row["permission"]),
        proof=to_proof(row),
        installation=to_installation(row),
    )
