"""What was read of an installation's repositories, however many, goes in by one COPY and is stored by one statement."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import scalar_row

from domain.installation import InstallationId
from domain.repository import Repository

# Empty whenever a transaction begins; a second use in the same one has to empty it.
STAGE: Final = """
    CREATE TEMP TABLE IF NOT EXISTS seen_repositories (
        id             bigint   NOT NULL,
        owner_id       bigint   NOT NULL,
        is_archived    boolean  NOT NULL,
        visibility     text     NOT NULL,
        owner          text     NOT NULL,
        name           text     NOT NULL,
        default_branch text     NOT NULL,
        url            text     NOT NULL,
        permission     smallint
    ) ON COMMIT DELETE ROWS
"""
EMPTY: Final = "DELETE FROM seen_repositories"
COPY: Final = """
    COPY seen_repositories (id, owner_id, is_archived, visibility, owner, name, default_branch, url, permission)
    FROM STDIN (FORMAT binary)
"""
TYPES: Final = ("int8", "int8", "bool", "text", "text", "text", "text", "text", "int2")
# A repository that a later proof names was seen later, though that proof found nothing to write here. Two that
# contradict each other at the same instant may miss this: then there is no grant until the next proof. Looked up for
# each that differs: without the OFFSET all later proofs of everybody may be read first.
SEEN_LATER: Final = """
    (known.read_at > %(at)s
     OR EXISTS (SELECT
                  FROM proofs
                  JOIN grants USING (user_id, installation_id)
                 WHERE proofs.installation_id = known.installation_id
                   AND proofs.proved_at > %(at)s
                   AND grants.repository_id = known.id
                OFFSET 0))
"""
# In the order of ids, so that two who store the same ones never wait for each other in turn. Only what differs is
# written, and looked up one by one: the planner would read everybody's repositories for a hundred of them. Told are
# those that were in another installation, or in none any more.
STORE: Final = f"""
    WITH differing AS MATERIALIZED (
        SELECT seen.*,
               lower(known.owner || '/' || known.name) AS former_name,
               known.id IS NOT NULL AND known.installation_id IS DISTINCT FROM %(installation_id)s AS is_taken
          FROM seen_repositories AS seen
          LEFT JOIN LATERAL (SELECT * FROM repositories WHERE repositories.id = seen.id OFFSET 0) AS known ON true
         WHERE known.id IS NULL
            OR ((known.installation_id, known.owner_id, known.is_archived, known.visibility, known.owner, known.name,
                 known.default_branch, known.url)
                IS DISTINCT FROM
                (%(installation_id)s, seen.owner_id, seen.is_archived, seen.visibility, seen.owner, seen.name,
                 seen.default_branch, seen.url)
                AND NOT {SEEN_LATER})
    ), stored AS (
        INSERT INTO repositories AS known (id, installation_id, owner_id, read_at, is_archived, visibility, owner,
                                           name, default_branch, url)
        SELECT id, %(installation_id)s, owner_id, %(at)s, is_archived, visibility, owner, name, default_branch, url
          FROM differing
         ORDER BY id
        ON CONFLICT (id) DO UPDATE
           SET installation_id = excluded.installation_id,
               owner_id = excluded.owner_id,
               read_at = excluded.read_at,
               is_archived = excluded.is_archived,
               visibility = excluded.visibility,
               owner = excluded.owner,
               name = excluded.name,
               default_branch = excluded.default_branch,
               url = excluded.url
         WHERE known.read_at <= excluded.read_at
        RETURNING id
    ), renamed AS (
        INSERT INTO former_names AS known (full_name, repository_id, until)
        SELECT former_name, id, %(at)s
          FROM differing
         WHERE former_name <> lower(owner || '/' || name)
        ON CONFLICT (full_name, repository_id) DO UPDATE SET until = excluded.until
    )
    SELECT id
      FROM stored
      JOIN differing USING (id)
     WHERE is_taken
"""  # noqa: S608 - of constants
FORGET_GRANTS: Final = "DELETE FROM grants WHERE repository_id = ANY(%(ids)s)"


async def stage(connection: AsyncConnection, seen: Iterable[tuple[Repository, int | None]]) -> None:
    """Bring repositories, and what somebody may do there, to where a transaction under way can use them."""
    # A repository may be named twice when a list changes between two pages of it.
    distinct = {repository.id: (repository, permission) for repository, permission in seen}
    async with connection.cursor() as cursor:
        await cursor.execute(STAGE)
        await cursor.execute(EMPTY)
        async with cursor.copy(COPY) as copy:
            copy.set_types(TYPES)
            for _, (one, permission) in sorted(distinct.items()):
                await copy.write_row(
                    (
                        one.id,
                        one.owner_id,
                        one.is_archived,
                        one.visibility.value,
                        one.owner,
                        one.name,
                        one.default_branch,
                        one.url,
                        permission,
                    )
                )


async def store(connection: AsyncConnection, installation_id: InstallationId, at: datetime) -> None:
    """Store what is staged as the installation's; one that was elsewhere, or nowhere, brings no grants along."""
    async with connection.cursor(row_factory=scalar_row) as cursor:
        # Planned for what is staged now: the next may be a thousand times as much.
        await cursor.execute(STORE, {"installation_id": installation_id, "at": at}, prepare=False)
        if taken := await cursor.fetchall():
            await cursor.execute(FORGET_GRANTS, {"ids": taken})
