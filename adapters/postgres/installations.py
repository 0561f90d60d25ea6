"""Installations in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row

from adapters.postgres.proof_rows import PROOF, to_proof
from application.ports.installations import InstallationOfUser, Installations
from domain.installation import AccountType, Installation, InstallationId, InstallationState, RepositorySelection
from domain.user import UserId

INSTALLATION: Final = """
    installations.id AS installation_id, account_id, account, account_type, selection,
    installations.state AS installation_state, installations.checked_at
"""
REMEMBER: Final = f"""
    INSERT INTO installations (id, account_id, account, account_type, selection, state, checked_at)
    VALUES (%(id)s, %(account_id)s, %(account)s, %(account_type)s, %(selection)s, %(state)s, %(checked_at)s)
    ON CONFLICT (id) DO UPDATE
       SET account_id = excluded.account_id,
           account = excluded.account,
           account_type = excluded.account_type,
           selection = excluded.selection,
           state = excluded.state,
           checked_at = excluded.checked_at
     WHERE installations.checked_at <= excluded.checked_at
    RETURNING {INSTALLATION}
"""  # noqa: S608 - of constants
COLUMNS: Final = f"SELECT {INSTALLATION} FROM installations"  # noqa: S608 - of constants
FIND: Final = COLUMNS + " WHERE id = %(id)s"
AFTER: Final = (
    COLUMNS
    + """
     WHERE id > %(after)s AND state <> 'deleted'
       AND EXISTS (SELECT FROM proofs WHERE proofs.installation_id = installations.id)
     ORDER BY id
     LIMIT %(limit)s
"""
)
OF_USER: Final = f"""
    SELECT {INSTALLATION}, {PROOF}, coalesce(granted.repositories, 0) AS repositories
      FROM proofs
      JOIN installations ON installations.id = proofs.installation_id
      LEFT JOIN (SELECT installation_id, count(*) AS repositories
                   FROM grants
                  WHERE user_id = %(user_id)s
                  GROUP BY installation_id) AS granted
        ON granted.installation_id = proofs.installation_id
     WHERE proofs.user_id = %(user_id)s
     ORDER BY lower(account) COLLATE "C", installations.id
"""  # noqa: S608 - of constants


class PostgresInstallations(Installations):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def remember(self, installation: Installation) -> Installation:
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(REMEMBER, asdict(installation))
            row = await cursor.fetchone()
            if row is None:
                await cursor.execute(FIND, {"id": installation.id})
                row = await anext(cursor)
            return to_installation(row)

    async def find(self, installation_id: InstallationId) -> Installation | None:
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(FIND, {"id": installation_id})
            row = await cursor.fetchone()
            return to_installation(row) if row else None

    async def of_user(self, user_id: UserId) -> Sequence[InstallationOfUser]:
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(OF_USER, {"user_id": user_id})
            return [
                InstallationOfUser(
                    installation=to_installation(row), proof=to_proof(row), repositories=row["repositories"]
                )
                async for row in cursor
            ]

    async def after(self, installation_id: InstallationId, limit: int) -> Sequence[Installation]:
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(AFTER, {"after": installation_id, "limit": limit})
            return [to_installation(row) async for row in cursor]


def to_installation(row: DictRow) -> Installation:
    return Installation(
        id=InstallationId(row["installation_id"]),
        account_id=row["account_id"],
        account=row["account"],
        account_type=AccountType(row["account_type"]),
        selection=RepositorySelection(row["selection"]),
        state=InstallationState(row["installation_state"]),
        checked_at=row["checked_at"],
    )
