"""Whether the service can do its work."""

from typing import Protocol, runtime_checkable


# The web framework checks what it is given, and can do that only with such a Protocol.
@runtime_checkable
class Readiness(Protocol):
    async def check(self) -> None:
        """Raise `UpstreamUnavailable` while the store cannot be used."""
        ...
