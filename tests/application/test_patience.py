"""A run waits for calls, but not for ever."""

from datetime import timedelta

import pytest

from application.reconcile.patience import MOST_TRIES, Patience
from domain.errors import UpstreamUnavailable

SECOND = timedelta(seconds=1)


class Act:
    def __init__(self, *pauses: timedelta | None) -> None:
        self.pauses = list(pauses)
        self.slept = 0.0

    async def __call__(self) -> str:
        if self.pauses:
            raise UpstreamUnavailable("not now", self.pauses.pop(0))
        return "done"

    async def sleep(self, seconds: float) -> None:
        self.slept += seconds


async def test_what_works_after_the_pause_it_asks_for_is_done() -> None:
    act = Act(30 * SECOND, 40 * SECOND)

    assert await Patience(sleep=act.sleep, left=100 * SECOND).over(act) == "done"
    assert act.slept >= 70


@pytest.mark.parametrize(
    "pauses",
    [
        pytest.param([None], id="nobody says when"),
        pytest.param([61 * SECOND], id="it would take too long"),
        pytest.param([SECOND] * MOST_TRIES, id="too often"),
        pytest.param([60 * SECOND, 60 * SECOND], id="longer than it waits in all"),
    ],
)
async def test_there_is_an_end_to_it(pauses: list[timedelta | None]) -> None:
    act = Act(*pauses)

    with pytest.raises(UpstreamUnavailable):
        await Patience(sleep=act.sleep, left=100 * SECOND).over(act)


async def test_what_was_waited_for_one_thing_is_missing_for_the_next() -> None:
    act = Act(60 * SECOND)
    patience = Patience(sleep=act.sleep, left=100 * SECOND)
    await patience.over(act)

    with pytest.raises(UpstreamUnavailable):
        await patience.over(Act(60 * SECOND))
