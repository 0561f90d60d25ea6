"""Access checks in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from application.ports.access_checks import AccessCheck, AccessChecks
from domain.installation import InstallationId
from domain.user import UserId
from tests.fakes.tables import StoredCheck, Tables


class InMemoryAccessChecks(AccessChecks):
    def __init__(self, tables: Tables) -> None:
        self._rows = tables.access_checks
        self._tables = tables

    async def want(self, user_id: UserId, at: datetime) -> None:
        if user_id not in self._tables.users:
            return
        stored = self._rows.get(user_id)
        if stored is None:
            self._rows[user_id] = StoredCheck(due_at=at)
        elif stored.lease_until is None:
            self._rows[user_id] = replace(stored, due_at=min(stored.due_at, at))
        else:
            self._rows[user_id] = replace(stored, wanted_at=min(stored.wanted_at or at, at))

    async def want_all_on(self, installation_id: InstallationId, at: datetime) -> int:
        everybody = [user_id for user_id, proven in self._tables.proofs if proven == installation_id]
        for user_id in everybody:
            await self.want(user_id, at)
        return len(everybody)

    async def claim(self, now: datetime, until: datetime, limit: int) -> Sequence[AccessCheck]:
        due = [
            (user_id, stored)
            for user_id, stored in self._rows.items()
            if stored.due_at <= now and (stored.lease_until is None or stored.lease_until <= now)
        ]
        due.sort(key=lambda one: one[1].due_at)
        for user_id, stored in due[:limit]:
            # What was wanted by now is done by this.
            later = stored.wanted_at if stored.wanted_at and stored.wanted_at > now else None
            self._rows[user_id] = replace(stored, lease_until=until, wanted_at=later)
        return [AccessCheck(user_id=user_id, due_at=stored.due_at, until=until) for user_id, stored in due[:limit]]

    async def done(self, check: AccessCheck, next_due_at: datetime | None) -> None:
        stored = self._rows.get(check.user_id)
        if stored is None or stored.lease_until != check.until:
            return
        due = [at for at in (next_due_at, stored.wanted_at) if at is not None]
        if due:
            self._rows[check.user_id] = StoredCheck(due_at=min(due))
        else:
            del self._rows[check.user_id]
