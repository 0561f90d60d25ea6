"""What a process says of itself when it starts."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from application.ports.clock import Clock
from application.ports.unit_of_work import BeginWork

log = structlog.get_logger()

LATELY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogMode:
    """Tell whether webhooks come at all: without them everything works, only later."""

    begin_work: BeginWork
    clock: Clock
    reconcile_minutes: int

    async def __call__(self) -> None:
        async with self.begin_work(atomic=False) as work:
            newest = await work.deliveries.list(None, 1)
        if not newest:
            webhooks = "none ever came"
        elif newest[0].received_at > self.clock.now() - LATELY:
            webhooks = "seen lately"
        else:
            webhooks = "not seen lately"
        log.info("mode", webhooks=webhooks, reconcile_minutes=self.reconcile_minutes)
