"""Whether the service can do its work."""

from typing import Protocol


class Readiness(Protocol):
    async def check(self) -> None:
        """Raise `UpstreamUnavailable` while the store cannot be used."""
        ...
