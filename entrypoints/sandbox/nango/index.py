"""Finding things by what they have in common."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

Thing = TypeVar("Thing")


@dataclass(slots=True)
class Index(Generic[Thing]):
    """Numbered things, several under one key; a key of None stands for not being in here."""

    _by_key: dict[str, dict[int, Thing]] = field(default_factory=dict[str, dict[int, Thing]])

    def move(self, number: int, thing: Thing, old: str | None, new: str | None) -> None:
        """Take the thing from one key to another."""
        if old is not None:
            there = self._by_key.get(old, {})
            there.pop(number, None)
            if not there:
                self._by_key.pop(old, None)
        if new is not None:
            self._by_key.setdefault(new, {})[number] = thing

    def find(self, key: str) -> list[Thing]:
        """Give what has that key, the oldest first."""
        there = self._by_key.get(key, {})
        return [there[number] for number in sorted(there)]
