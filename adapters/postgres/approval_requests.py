"""Approval requests in PostgreSQL."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from typing import Final, LiteralString

from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row

from adapters.postgres.login_feed import encode_news
from application.ports.approval_requests import ApprovalRequests
from application.ports.login_feed import LoginNews
from domain.approval import MOVES, ApprovalMove, ApprovalRequest, ApprovalRequestId, ApprovalState
from domain.attempt import AttemptId, Purpose
from domain.connection import ConnectionId
from domain.installation import InstallationId
from domain.user import UserId

# A state is never come back to, so a line that is there already is the same one.
ADD_LINES: Final = """
    INSERT INTO approval_moves (request_id, state, at, reason)
    SELECT stored.id, line.state, line.at, line.reason
      FROM stored, unnest(%(states)s::text[], %(ats)s::timestamptz[], %(reasons)s::text[])
                   WITH ORDINALITY AS line (state, at, reason, number)
     ORDER BY number
    ON CONFLICT ON CONSTRAINT approval_moves_once DO NOTHING
"""
ADD: Final = f"""
    WITH stored AS (
        INSERT INTO approval_requests (id, user_id, attempt_id, connection_id, known, state, requested_at, account_id,
                                       account, installation_id)
        VALUES (%(id)s, %(user_id)s, %(attempt_id)s, %(connection_id)s, %(known)s, %(state)s, %(requested_at)s,
                %(account_id)s, %(account)s, %(installation_id)s)
        RETURNING id
    )
    {ADD_LINES}
"""  # noqa: S608 - of constants
# The condition is what makes a move happen once; the news is delivered with the commit.
MOVE: Final = f"""
    WITH stored AS (
        UPDATE approval_requests
           SET state = %(state)s,
               account_id = %(account_id)s,
               account = %(account)s,
               installation_id = %(installation_id)s
         WHERE id = %(id)s AND state = ANY(%(from_states)s)
        RETURNING id
    ), lines AS ({ADD_LINES})
    SELECT pg_notify('login_news', %(news)s) FROM stored
"""  # noqa: S608 - of constants
COLUMNS: Final = """
    SELECT approval_requests.id, user_id, attempt_id, connection_id, known, state, requested_at, account_id, account,
           installation_id
      FROM approval_requests
"""
FIND_BY_ATTEMPT: Final = COLUMNS + " WHERE attempt_id = %(id)s"
FIND_BY_CONNECTION: Final = COLUMNS + " WHERE connection_id = %(id)s"
OF_USER: Final = COLUMNS + " WHERE user_id = %(user_id)s ORDER BY requested_at DESC, id DESC"
WAITING_OF: Final = COLUMNS + " WHERE user_id = %(user_id)s AND state = 'requested' ORDER BY requested_at, id"
WAITING_AFTER: Final = (
    COLUMNS
    + """
     WHERE state = 'requested'
       AND (%(after)s::timestamptz IS NULL OR (requested_at, id) > (%(after)s, %(after_id)s))
     ORDER BY requested_at, id
     LIMIT %(limit)s
"""
)
LINES: Final = "SELECT request_id, state, at, reason FROM approval_moves WHERE request_id = ANY(%(ids)s) ORDER BY id"


class PostgresApprovalRequests(ApprovalRequests):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, request: ApprovalRequest) -> None:
        await self._connection.execute(ADD, to_row(request))

    async def find_by_attempt(self, attempt_id: AttemptId) -> ApprovalRequest | None:
        return next(iter(await self._list(FIND_BY_ATTEMPT, {"id": attempt_id})), None)

    async def find_by_connection(self, connection_id: ConnectionId) -> ApprovalRequest | None:
        return next(iter(await self._list(FIND_BY_CONNECTION, {"id": connection_id})), None)

    async def of_user(self, user_id: UserId) -> Sequence[ApprovalRequest]:
        return await self._list(OF_USER, {"user_id": user_id})

    async def waiting_of(self, user_id: UserId) -> Sequence[ApprovalRequest]:
        return await self._list(WAITING_OF, {"user_id": user_id})

    async def waiting_after(self, last: ApprovalRequest | None, limit: int) -> Sequence[ApprovalRequest]:
        after, after_id = (last.requested_at, last.id) if last else (None, None)
        return await self._list(WAITING_AFTER, {"after": after, "after_id": after_id, "limit": limit})

    async def move(self, request: ApprovalRequest) -> bool:
        from_states = [state for state, targets in MOVES.items() if request.state in targets]
        # Its attempt was finished long ago; this is what came of it.
        news = LoginNews(
            attempt_id=request.attempt_id,
            socket_id=None,
            connection_id=request.connection_id,
            is_finished=True,
            purpose=Purpose.LINK,
        )
        parameters = {**to_row(request), "from_states": from_states, "news": encode_news(news)}
        return (await self._connection.execute(MOVE, parameters)).rowcount == 1

    async def _list(self, query: LiteralString, parameters: DictRow) -> Sequence[ApprovalRequest]:
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(query, parameters)
            rows = await cursor.fetchall()
            if not rows:
                return []
            history: defaultdict[ApprovalRequestId, list[ApprovalMove]] = defaultdict(list)
            await cursor.execute(LINES, {"ids": [row["id"] for row in rows]})
            async for line in cursor:
                history[line["request_id"]].append(
                    ApprovalMove(state=ApprovalState(line["state"]), at=line["at"], reason=line["reason"])
                )
            return [to_request(row, tuple(history[row["id"]])) for row in rows]


def to_row(request: ApprovalRequest) -> DictRow:
    return {
        **asdict(request),
        "known": sorted(request.known),
        "states": [line.state.value for line in request.history],
        "ats": [line.at for line in request.history],
        "reasons": [line.reason for line in request.history],
    }


def to_request(row: DictRow, history: tuple[ApprovalMove, ...]) -> ApprovalRequest:
    return ApprovalRequest(
        id=ApprovalRequestId(row["id"]),
        user_id=UserId(row["user_id"]),
        attempt_id=AttemptId(row["attempt_id"]),
        connection_id=ConnectionId(row["connection_id"]),
        known=frozenset(InstallationId(number) for number in row["known"]),
        state=ApprovalState(row["state"]),
        requested_at=row["requested_at"],
        account_id=row["account_id"],
        account=row["account"],
        installation_id=None if row["installation_id"] is None else InstallationId(row["installation_id"]),
        history=history,
    )
