"""Records are pulled, by as many processes as there are."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import structlog

from application.replica.pull_due import PullDue, Pulled, PullOutcome
from domain.errors import UpstreamUnavailable
from entrypoints.metrics import count_pulled

log = structlog.get_logger()

# Each holds two pages at a time, and keeps a connection to the database busy.
PULLERS: Final = 2
LOOK_AGAIN_SECONDS: Final = 0.5
DATABASE_PAUSE_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPuller:
    pull_due: PullDue

    async def work(self, stop: asyncio.Event) -> None:
        """Pull what is due until told to stop; whatever is under way then goes on with the next who claims it."""
        while not stop.is_set():
            pause = await self._turn()
            if pause:
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await stop.wait()

    async def _turn(self) -> float:
        """Have a turn; tell how long to wait before the next."""
        try:
            pulled = await self.pull_due()
        except UpstreamUnavailable as error:
            log.warning("postponed", job="pull", code=error.code, reason=str(error))
            return DATABASE_PAUSE_SECONDS
        except Exception:
            # One bad page must not end the work on all others.
            log.exception("bug", job="pull")
            return DATABASE_PAUSE_SECONDS
        if pulled is None:
            return LOOK_AGAIN_SECONDS
        note(pulled)
        # Without calls left, the others that are due would only be put off as well, and lose their places in the row.
        return LOOK_AGAIN_SECONDS if pulled.outcome is PullOutcome.POSTPONED else 0.0


def note(pulled: Pulled) -> None:
    count_pulled(pulled)
    sync = pulled.sync
    told = {"sync": sync.id, "kind": sync.key.kind, "records": pulled.records, "outcome": pulled.outcome}
    match pulled.outcome:
        case PullOutcome.FAILED:
            log.warning("pull", **told, reason=sync.error, tries=sync.tries)
        case PullOutcome.HELD:
            log.warning("pull", **told, held_deletions=sync.held_deletions)
        case _:
            log.info("pull", **told)
