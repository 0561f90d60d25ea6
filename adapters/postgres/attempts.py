"""Attempts in PostgreSQL."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row

from adapters.postgres.login_feed import encode_news, news_of
from application.ports.attempts import Attempts
from domain.attempt import (
    MOVES,
    Attempt,
    AttemptId,
    AttemptState,
    Door,
    LinkOutcome,
    PendingAuthorization,
    Purpose,
)
from domain.connection import ConnectionId
from domain.installation import InstallationId
from domain.return_to import ReturnTo
from domain.secret import SecretHash
from domain.user import UserId

ADD: Final = """
    INSERT INTO attempts (id, state, door, secret_hash, state_hash, nango_state, nango_cookie, return_url,
                          code_challenge, created_at, expires_at, passed_at, lease_until, user_id, connection_id,
                          session_token_hash, socket_id, asked_at, purpose, claim, asks_approval, outcome)
    VALUES (%(id)s, %(state)s, %(door)s, %(secret_hash)s, %(state_hash)s, %(nango_state)s, %(nango_cookie)s,
            %(return_url)s, %(code_challenge)s, %(created_at)s, %(expires_at)s, %(passed_at)s, %(lease_until)s,
            %(user_id)s, %(connection_id)s, %(session_token_hash)s, %(socket_id)s, %(asked_at)s,
            %(purpose)s, %(claim)s, %(asks_approval)s, %(outcome)s)
"""
COLUMNS: Final = """
    SELECT id, state, door, secret_hash, state_hash, nango_state, nango_cookie, return_url, code_challenge,
           created_at, expires_at, passed_at, lease_until, user_id, connection_id, session_token_hash, socket_id,
           asked_at, purpose, claim, asks_approval, outcome
      FROM attempts
"""
FIND: Final = COLUMNS + " WHERE id = %(id)s"
FIND_ALL: Final = COLUMNS + " WHERE id = ANY(%(ids)s) ORDER BY created_at DESC"
LINKS_OF: Final = COLUMNS + " WHERE user_id = %(user_id)s AND purpose = 'link' ORDER BY created_at DESC LIMIT %(limit)s"
MOST_LINKS: Final = 50
FIND_LINK_BY_SESSION: Final = "SELECT FROM attempts WHERE session_token_hash = %(of)s AND purpose = 'link'"
FIND_BY_STATE: Final = COLUMNS + " WHERE state_hash = %(state_hash)s"
TO_SWEEP: Final = (
    COLUMNS
    + """
     WHERE (state = 'failing'
            OR (expires_at <= %(now)s AND (state = 'passing' OR (state = 'open' AND door = 'connect_ui'))))
       AND (lease_until IS NULL OR lease_until <= %(now)s)
     ORDER BY expires_at
     LIMIT %(limit)s
"""
)
# The condition is what makes a move happen once.
MOVE: Final = """
    UPDATE attempts
       SET state = %(state)s,
           passed_at = %(passed_at)s,
           lease_until = %(lease_until)s,
           user_id = %(user_id)s,
           connection_id = %(connection_id)s,
           claim = %(claim)s,
           asks_approval = %(asks_approval)s,
           outcome = %(outcome)s
     WHERE id = %(id)s AND state = ANY(%(from_states)s)
"""
AIM: Final = """
    UPDATE attempts
       SET state_hash = %(state_hash)s,
           nango_state = %(nango_state)s,
           nango_cookie = %(nango_cookie)s,
           socket_id = %(socket_id)s
     WHERE id = %(id)s AND state = 'open'
"""
NOTE_ASKED: Final = """
    UPDATE attempts
       SET asked_at = %(at)s
     WHERE id = %(id)s AND asked_at IS NULL
"""
# Delivered with the commit, to every process that listens.
MOVE_AND_ANNOUNCE: Final = f"WITH moved AS ({MOVE} RETURNING id) SELECT pg_notify('login_news', %(news)s) FROM moved"  # noqa: S608 - of constants
LEASE: Final = """
    UPDATE attempts
       SET lease_until = %(until)s
     WHERE id = %(id)s
       AND state IN ('passing', 'failing')
       AND (lease_until IS NULL OR lease_until <= %(now)s)
"""
REST: Final = "UPDATE attempts SET lease_until = %(until)s WHERE id = %(id)s"
FORGET_BEFORE: Final = """
    DELETE FROM attempts
     WHERE expires_at < %(moment)s
       AND (state NOT IN ('open', 'passing', 'failing') OR (state = 'open' AND door = 'redirect'))
"""


class PostgresAttempts(Attempts):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, attempt: Attempt) -> None:
        await self._connection.execute(ADD, to_row(attempt))

    async def find(self, attempt_id: AttemptId) -> Attempt | None:
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(FIND, {"id": attempt_id})
            row = await cursor.fetchone()
            return to_attempt(row) if row else None

    async def links_of(self, user_id: UserId) -> Sequence[Attempt]:
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(LINKS_OF, {"user_id": user_id, "limit": MOST_LINKS})
            return [to_attempt(row) async for row in cursor]

    async def is_token_of_link(self, session_token_hash: SecretHash) -> bool:
        return (await self._connection.execute(FIND_LINK_BY_SESSION, {"of": session_token_hash})).rowcount > 0

    async def find_by_state(self, state_hash: SecretHash) -> Attempt | None:
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(FIND_BY_STATE, {"state_hash": state_hash})
            row = await cursor.fetchone()
            return to_attempt(row) if row else None

    async def move(self, attempt: Attempt) -> bool:
        from_states = [state for state, targets in MOVES.items() if attempt.state in targets]
        row = {**to_row(attempt), "from_states": from_states}
        if attempt.is_news:
            moved = await self._connection.execute(MOVE_AND_ANNOUNCE, {**row, "news": encode_news(news_of(attempt))})
        else:
            moved = await self._connection.execute(MOVE, row)
        return moved.rowcount == 1

    async def find_all(self, attempt_ids: Collection[AttemptId]) -> Sequence[Attempt]:
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(FIND_ALL, {"ids": list(attempt_ids)})
            return [to_attempt(row) async for row in cursor]

    async def aim(self, attempt: Attempt) -> bool:
        return (await self._connection.execute(AIM, to_row(attempt))).rowcount == 1

    async def note_asked(self, attempt_id: AttemptId, at: datetime) -> None:
        await self._connection.execute(NOTE_ASKED, {"id": attempt_id, "at": at})

    async def lease(self, attempt_id: AttemptId, now: datetime, until: datetime) -> bool:
        leased = await self._connection.execute(LEASE, {"id": attempt_id, "now": now, "until": until})
        return leased.rowcount == 1

    async def rest(self, attempt_id: AttemptId, until: datetime) -> None:
        await self._connection.execute(REST, {"id": attempt_id, "until": until})

    async def to_sweep(self, now: datetime, limit: int) -> Sequence[Attempt]:
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(TO_SWEEP, {"now": now, "limit": limit})
            return [to_attempt(row) async for row in cursor]

    async def forget_before(self, moment: datetime) -> int:
        return (await self._connection.execute(FORGET_BEFORE, {"moment": moment})).rowcount


def to_row(attempt: Attempt) -> DictRow:
    return {
        "id": attempt.id,
        "state": attempt.state,
        "secret_hash": attempt.secret_hash,
        "state_hash": attempt.state_hash,
        "door": attempt.door,
        "nango_state": attempt.authorization.state if attempt.authorization else None,
        "nango_cookie": attempt.authorization.cookie if attempt.authorization else None,
        "return_url": attempt.return_to.url,
        "code_challenge": attempt.return_to.code_challenge,
        "created_at": attempt.created_at,
        "expires_at": attempt.expires_at,
        "passed_at": attempt.passed_at,
        "lease_until": attempt.lease_until,
        "user_id": attempt.user_id,
        "connection_id": attempt.connection_id,
        "session_token_hash": attempt.session_token_hash,
        "socket_id": attempt.socket_id,
        "asked_at": attempt.asked_at,
        "purpose": attempt.purpose,
        "claim": attempt.claim,
        "asks_approval": attempt.asks_approval,
        "outcome": attempt.outcome,
    }


def to_attempt(row: DictRow) -> Attempt:
    return Attempt(
        id=AttemptId(row["id"]),
        state=AttemptState(row["state"]),
        door=Door(row["door"]),
        secret_hash=SecretHash(row["secret_hash"]),
        state_hash=SecretHash(row["state_hash"]) if row["state_hash"] else None,
        authorization=to_authorization(row),
        return_to=ReturnTo(row["return_url"], row["code_challenge"]),
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        passed_at=row["passed_at"],
        lease_until=row["lease_until"],
        user_id=UserId(row["user_id"]) if row["user_id"] else None,
        connection_id=ConnectionId(row["connection_id"]) if row["connection_id"] else None,
        session_token_hash=SecretHash(row["session_token_hash"]) if row["session_token_hash"] else None,
        socket_id=row["socket_id"],
        asked_at=row["asked_at"],
        purpose=Purpose(row["purpose"]),
        claim=None if row["claim"] is None else InstallationId(row["claim"]),
        asks_approval=row["asks_approval"],
        outcome=LinkOutcome(row["outcome"]) if row["outcome"] else None,
    )


def to_authorization(row: DictRow) -> PendingAuthorization | None:
    if row["nango_state"] is None:
        return None
    return PendingAuthorization(state=row["nango_state"], cookie=row["nango_cookie"])
