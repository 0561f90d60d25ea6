"""Waiting for something to become true, instead of sleeping."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

PATIENCE_SECONDS: Final = 15.0


def eventually(look: Callable[[], T | None], what: str = "it", seconds: float = PATIENCE_SECONDS) -> T:
    """Look again and again until what is seen is true, and return it."""
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds:.0f} s"
        time.sleep(0.02)
    return seen
