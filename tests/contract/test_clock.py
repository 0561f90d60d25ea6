"""What every `Clock` does."""

from datetime import timedelta

import pytest

from adapters.clock import SystemClock
from application.ports.clock import Clock
from tests.fakes.clock import FakeClock


@pytest.mark.parametrize("clock", [SystemClock(), FakeClock()], ids=["system", "fake"])
def test_the_time_is_in_utc_and_does_not_go_back(clock: Clock) -> None:
    first, second = clock.now(), clock.now()

    assert first.utcoffset() == timedelta(0)
    assert first <= second
