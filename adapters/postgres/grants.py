"""Proofs and their grants in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final

from psycopg import AsyncConnection, Rollback
from psycopg.rows import dict_row, scalar_row

from adapters.postgres.granted import count_grants, find_grant, list_grants
from adapters.postgres.proof_rows import PROOF, to_proof
from adapters.postgres.seen_repositories import stage, store
from application.ports.grants import Grants, Recorded
from domain.grant import Grant, GrantFilter, Proof, ProofRules
from domain.installation import InstallationId
from domain.repository import RepositoryId, SeenRepository
from domain.user import UserId

# The row stays locked: whatever else is proven, or withdrawn, of it waits.
PROVE: Final = """
    INSERT INTO proofs AS known (user_id, installation_id, proved_at, closes_at, pass_began_at, through, source)
    SELECT id, %(installation_id)s, %(proved_at)s, %(closes_at)s, %(pass_began_at)s, %(through)s, %(source)s
      FROM users
     WHERE id = %(user_id)s
    ON CONFLICT (user_id, installation_id) DO UPDATE
       SET proved_at = excluded.proved_at,
           closes_at = excluded.closes_at,
           pass_began_at = excluded.pass_began_at,
           through = excluded.through,
           source = excluded.source
     WHERE greatest(known.proved_at, known.pass_began_at) <= greatest(excluded.proved_at, excluded.pass_began_at)
"""
# After the row is locked: somebody may have left while it was waited for.
HAS_LEFT: Final = """
    SELECT
      FROM left_installations
     WHERE user_id = %(user_id)s AND installation_id = %(installation_id)s AND left_at >= %(began_at)s
"""
REMOVE_UNNAMED: Final = """
    DELETE FROM grants
     WHERE user_id = %(user_id)s
       AND installation_id = %(installation_id)s
       AND repository_id > %(after)s
       AND (%(through)s::bigint IS NULL OR repository_id <= %(through)s)
       AND NOT EXISTS (SELECT FROM seen_repositories AS seen WHERE seen.id = grants.repository_id)
"""
# Not on what was read later to be elsewhere.
GRANT: Final = """
    INSERT INTO grants (user_id, repository_id, installation_id, permission)
    SELECT %(user_id)s, seen.id, %(installation_id)s, seen.permission
      FROM seen_repositories AS seen
      JOIN repositories ON repositories.id = seen.id AND repositories.installation_id = %(installation_id)s
      LEFT JOIN grants AS held ON held.user_id = %(user_id)s AND held.repository_id = seen.id
     WHERE held.user_id IS NULL
        OR held.permission <> seen.permission
        OR held.installation_id <> %(installation_id)s
     ORDER BY seen.id
    ON CONFLICT (user_id, repository_id) DO UPDATE
       SET installation_id = excluded.installation_id,
           permission = excluded.permission
"""
WITHDRAW: Final = """
    DELETE FROM proofs
     WHERE user_id = %(user_id)s
       AND installation_id = %(installation_id)s
       AND greatest(proved_at, pass_began_at) < %(before)s
"""
WITHDRAW_ALL: Final = """
    DELETE FROM proofs
     WHERE installation_id = %(installation_id)s AND coalesce(pass_began_at, proved_at) < %(before)s
"""
LEAVE: Final = """
    WITH withdrawn AS (
        DELETE FROM proofs
         WHERE user_id = %(user_id)s AND installation_id = %(installation_id)s
        RETURNING user_id, installation_id
    )
    INSERT INTO left_installations (user_id, installation_id, left_at)
    SELECT user_id, installation_id, %(at)s FROM withdrawn
    ON CONFLICT (user_id, installation_id) DO UPDATE SET left_at = excluded.left_at
"""
LEFT_BY: Final = "SELECT installation_id FROM left_installations WHERE user_id = %(user_id)s ORDER BY installation_id"
REJOIN: Final = """
    DELETE FROM left_installations
     WHERE user_id = %(user_id)s AND (%(installation_id)s::bigint IS NULL OR installation_id = %(installation_id)s)
"""
PROOFS_OF: Final = f"SELECT {PROOF} FROM proofs WHERE user_id = %(user_id)s ORDER BY installation_id"  # noqa: S608 - of constants
PROOF_OF: Final = f"""
    SELECT {PROOF} FROM proofs WHERE user_id = %(user_id)s AND installation_id = %(installation_id)s
"""  # noqa: S608 - of constants
WITNESSES: Final = """
    SELECT user_id
      FROM proofs
     WHERE installation_id = %(installation_id)s
     ORDER BY proved_at DESC
     LIMIT %(limit)s
"""
EXTEND: Final = """
    UPDATE proofs
       SET closes_at = proved_at + %(longer)s
     WHERE user_id = %(user_id)s
       AND (%(installation_id)s::bigint IS NULL OR installation_id = %(installation_id)s)
       AND closes_at <> proved_at + %(longer)s
"""


class PostgresGrants(Grants):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def record(self, proof: Proof, seen: Sequence[SeenRepository]) -> Recorded | None:
        return await self._record(proof, seen, RepositoryId(0), None)

    async def record_part(self, proof: Proof, seen: Sequence[SeenRepository], after: RepositoryId) -> Recorded | None:
        return await self._record(proof, seen, after, proof.through)

    async def _record(
        self, proof: Proof, seen: Sequence[SeenRepository], after: RepositoryId, through: RepositoryId | None
    ) -> Recorded | None:
        began_at = max(proof.proved_at, proof.pass_began_at or proof.proved_at)
        whose = {"user_id": proof.user_id, "installation_id": proof.installation_id}
        async with self._connection.transaction(), self._connection.cursor() as cursor:
            if (await cursor.execute(PROVE, asdict(proof))).rowcount == 0:
                return None
            if (await cursor.execute(HAS_LEFT, {**whose, "began_at": began_at})).rowcount > 0:
                raise Rollback
            await stage(self._connection, ((one.repository, one.permission.value) for one in seen))
            await store(self._connection, proof.installation_id, began_at)
            # Each is planned for what is staged now.
            named = {**whose, "after": after, "through": through}
            removed = (await cursor.execute(REMOVE_UNNAMED, named, prepare=False)).rowcount
            granted = (await cursor.execute(GRANT, whose, prepare=False)).rowcount
            return Recorded(is_news=removed + granted > 0)
        return None

    async def withdraw(self, user_id: UserId, installation_id: InstallationId, before: datetime) -> bool:
        parameters = {"user_id": user_id, "installation_id": installation_id, "before": before}
        return (await self._connection.execute(WITHDRAW, parameters)).rowcount == 1

    async def withdraw_all(self, installation_id: InstallationId, before: datetime) -> int:
        parameters = {"installation_id": installation_id, "before": before}
        return (await self._connection.execute(WITHDRAW_ALL, parameters)).rowcount

    async def leave(self, user_id: UserId, installation_id: InstallationId, at: datetime) -> bool:
        parameters = {"user_id": user_id, "installation_id": installation_id, "at": at}
        return (await self._connection.execute(LEAVE, parameters)).rowcount == 1

    async def left_by(self, user_id: UserId) -> Sequence[InstallationId]:
        async with self._connection.cursor(row_factory=scalar_row) as cursor:
            await cursor.execute(LEFT_BY, {"user_id": user_id})
            return [InstallationId(number) async for number in cursor]

    async def rejoin(self, user_id: UserId, installation_id: InstallationId | None) -> None:
        await self._connection.execute(REJOIN, {"user_id": user_id, "installation_id": installation_id})

    async def proofs_of(self, user_id: UserId) -> Sequence[Proof]:
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(PROOFS_OF, {"user_id": user_id})
            return [to_proof(row) async for row in cursor]

    async def proof_of(self, user_id: UserId, installation_id: InstallationId) -> Proof | None:
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(PROOF_OF, {"user_id": user_id, "installation_id": installation_id})
            row = await cursor.fetchone()
            return to_proof(row) if row else None

    async def has_proofs_on(self, installation_id: InstallationId) -> bool:
        return len(await self.witnesses(installation_id, 1)) > 0

    async def witnesses(self, installation_id: InstallationId, limit: int) -> Sequence[UserId]:
        async with self._connection.cursor(row_factory=scalar_row) as cursor:
            await cursor.execute(WITNESSES, {"installation_id": installation_id, "limit": limit})
            return [UserId(user_id) async for user_id in cursor]

    async def extend(self, user_id: UserId, rules: ProofRules, installation_id: InstallationId | None = None) -> None:
        longer = rules.lifetime + rules.grace
        parameters = {"user_id": user_id, "installation_id": installation_id, "longer": longer}
        await self._connection.execute(EXTEND, parameters)

    async def find(self, user_id: UserId, repository_id: RepositoryId) -> Grant | None:
        return await find_grant(self._connection, user_id, repository_id)

    async def list(
        self, user_id: UserId, wanted: GrantFilter, at: datetime, after: RepositoryId, limit: int
    ) -> Sequence[Grant]:
        return await list_grants(self._connection, user_id, wanted, at, after, limit)

    async def count(self, user_id: UserId, at: datetime) -> int:
        return await count_grants(self._connection, user_id, at)
