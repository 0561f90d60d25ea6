"""Importing what a command needs, when it is clear that it runs."""

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def loading() -> Generator[None, None, None]:
    """Keep what is made inside out of the garbage collector: it stays, and would be looked through again and again."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
