"""Readiness that a test decides."""

from application.ports.readiness import Readiness
from domain.errors import UpstreamUnavailable


class FakeReadiness(Readiness):
    def __init__(self) -> None:
        self.is_ready = True

    async def check(self) -> None:
        if not self.is_ready:
            raise UpstreamUnavailable("the database cannot be used, or is not migrated")
