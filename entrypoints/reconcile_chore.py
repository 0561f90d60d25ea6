"""Reconcile as a worker does it: when it is due, in one process of all."""

from dataclasses import dataclass

import structlog

from application.reconcile.reconcile_logins import ReconcileLogins
from application.reconcile.treatment import Treated, Treatment
from entrypoints.metrics import count_treated

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileChore:
    reconcile_logins: ReconcileLogins

    async def __call__(self) -> None:
        reconciled = await self.reconcile_logins(tell=note)
        if reconciled is not None:
            log.info("reconciled", summary=str(reconciled))


def note(treated: Treated) -> None:
    count_treated(treated)
    log_failure(treated)


def log_failure(treated: Treated) -> None:
    finding = treated.finding
    if treated.treatment is Treatment.FAILED:
        log.error("bug", job=f"reconcile: {finding.kind}", connection=finding.connection_id, exc_info=treated.error)
