"""A puller has its turns one after the other, and waits when there is nothing for it to do."""

import asyncio
from typing import Final

import pytest

from application.replica.pull_due import Pulled, PullOutcome
from domain.connection import ConnectionId
from domain.installation import InstallationId
from domain.sync import Sync, SyncId, SyncKey
from entrypoints.record_puller import RecordPuller
from tests.fakes.clock import NOON

PULLS: Final = SyncKey(connection_id=ConnectionId("acme-connection"), model="PullRequest")
SYNC: Final = Sync(id=SyncId(1), key=PULLS, installation_id=InstallationId(71), due_at=NOON)
MOMENTS: Final = 50


class Turns:
    def __init__(self, outcome: PullOutcome | None) -> None:
        self.outcome = outcome
        self.count = 0

    async def __call__(self) -> Pulled | None:
        self.count += 1
        await asyncio.sleep(0)
        return None if self.outcome is None else Pulled(sync=SYNC, outcome=self.outcome)


@pytest.mark.parametrize(
    ("outcome", "waits"),
    [
        (None, True),
        (PullOutcome.POSTPONED, True),
        (PullOutcome.ENDED, False),
        (PullOutcome.PAUSED, False),
    ],
)
async def test_it_waits_if_nothing_is_due_or_no_calls_are_left(outcome: PullOutcome | None, *, waits: bool) -> None:
    turns, stop = Turns(outcome), asyncio.Event()
    puller = RecordPuller(pull_due=turns)  # pyright: ignore[reportArgumentType] - stands in for the real one

    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        tasks.create_task(puller.work(stop))
        for _ in range(MOMENTS):
            await asyncio.sleep(0)
        stop.set()

    assert (turns.count == 1) is waits
