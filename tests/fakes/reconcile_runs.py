"""Runs of reconcile in memory."""

from dataclasses import dataclass
from datetime import datetime

from application.ports.reconcile_runs import ReconcileRuns, RunId


@dataclass
class StoredRun:
    run_id: RunId
    lease_until: datetime | None
    due_at: datetime
    ended_at: datetime | None = None
    summary: str | None = None


class InMemoryReconcileRuns(ReconcileRuns):
    def __init__(self, rows: list[StoredRun]) -> None:
        self._rows = rows

    async def claim(self, run_id: RunId, now: datetime, until: datetime, *, is_wanted: bool) -> bool:
        if not self._rows:
            self._rows.append(StoredRun(run_id, until, now))
            return True
        [stored] = self._rows
        is_taken = stored.lease_until is not None and now < stored.lease_until
        if is_taken or not (is_wanted or stored.due_at <= now):
            return False
        stored.run_id, stored.lease_until = run_id, until
        return True

    async def renew(self, run_id: RunId, until: datetime) -> bool:
        stored = self._under_way(run_id)
        if stored is None:
            return False
        stored.lease_until = until
        return True

    async def end(self, run_id: RunId, at: datetime, next_due_at: datetime, summary: str) -> None:
        stored = self._under_way(run_id)
        if stored is not None:
            stored.lease_until, stored.ended_at, stored.due_at, stored.summary = None, at, next_due_at, summary

    def _under_way(self, run_id: RunId) -> StoredRun | None:
        return next((run for run in self._rows if run.run_id == run_id and run.lease_until is not None), None)
