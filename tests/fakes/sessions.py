"""Sessions in memory."""

from datetime import datetime

from application.ports.sessions import Sessions
from domain.secret import SecretHash
from domain.session import Session, SessionId


class InMemorySessions(Sessions):
    def __init__(self, rows: dict[SessionId, Session]) -> None:
        self._rows = rows

    async def add(self, session: Session) -> None:
        self._rows[session.id] = session

    async def find(self, session_id: SessionId, now: datetime) -> Session | None:
        session = self._rows.get(session_id)
        return session if session and now < session.expires_at else None

    async def find_by_secret(self, secret_hash: SecretHash, now: datetime) -> Session | None:
        found = (session for session in self._rows.values() if session.secret_hash == secret_hash)
        return next((session for session in found if now < session.expires_at), None)

    async def end(self, session_id: SessionId) -> None:
        self._rows.pop(session_id, None)

    async def forget_before(self, moment: datetime) -> int:
        gone = [session.id for session in self._rows.values() if session.expires_at < moment]
        for session_id in gone:
            del self._rows[session_id]
        return len(gone)
