"""One-time codes in PostgreSQL."""

from dataclasses import asdict
from datetime import datetime
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import class_row

from application.ports.sign_in_codes import SignInCodes
from domain.secret import SecretHash
from domain.session import SignInCode

ADD: Final = """
    INSERT INTO sign_in_codes (hash, user_id, code_challenge, expires_at)
    VALUES (%(hash)s, %(user_id)s, %(code_challenge)s, %(expires_at)s)
"""
# Reading it is deleting it, so that a code works once.
REDEEM: Final = """
    DELETE FROM sign_in_codes
     WHERE hash = %(hash)s
    RETURNING hash, user_id, code_challenge, expires_at
"""
FORGET_BEFORE: Final = "DELETE FROM sign_in_codes WHERE expires_at < %(moment)s"


class PostgresSignInCodes(SignInCodes):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, code: SignInCode) -> None:
        await self._connection.execute(ADD, asdict(code))

    async def redeem(self, code_hash: SecretHash) -> SignInCode | None:
        async with self._connection.cursor(row_factory=class_row(SignInCode)) as cursor:
            await cursor.execute(REDEEM, {"hash": code_hash})
            return await cursor.fetchone()

    async def forget_before(self, moment: datetime) -> int:
        return (await self._connection.execute(FORGET_BEFORE, {"moment": moment})).rowcount
