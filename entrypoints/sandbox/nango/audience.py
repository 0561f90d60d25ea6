"""The pages that wait for an outcome, each at a web socket."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import uuid4

from entrypoints.sandbox.wire import JsonObject


@dataclass(frozen=True, slots=True)
class Audience:
    _waiting: dict[str, "asyncio.Future[JsonObject]"] = field(default_factory=dict[str, "asyncio.Future[JsonObject]"])

    @contextmanager
    def listening(self) -> "Generator[tuple[str, asyncio.Future[JsonObject]], None, None]":
        """Be one of them, by a name of one's own."""
        name, outcome = str(uuid4()), asyncio.get_running_loop().create_future()
        self._waiting[name] = outcome
        try:
            yield name, outcome
        finally:
            del self._waiting[name]

    def tell(self, name: str, outcome: JsonObject) -> None:
        """Tell who waits by that name, once; whoever has left hears nothing."""
        waiting = self._waiting.get(name)
        if waiting is not None and not waiting.done():
            waiting.set_result(outcome)
