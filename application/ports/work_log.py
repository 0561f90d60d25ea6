"""What is noted of work that is over."""

from typing import Protocol


class WorkLog(Protocol):
    async def clear(self) -> None:
        """Forget all of it: nothing reads it, and it would grow for ever. Nobody who works waits for that.

        Raises `UpstreamUnavailable` if the database cannot be used.
        """
        ...
