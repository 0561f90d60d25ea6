"""A table from a thing and a person to what holds between them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, MutableMapping
from typing import TypeVar

Value = TypeVar("Value")


class Pairs(MutableMapping[tuple[int, int], Value]):
    """Keys are `(thing, person)`; both sides are found without going through all the others."""

    def __init__(self, values: Mapping[tuple[int, int], Value] | None = None) -> None:
        self._by_person: defaultdict[int, dict[int, Value]] = defaultdict(dict)
        self._by_thing: defaultdict[int, dict[int, Value]] = defaultdict(dict)
        self.update(values or {})

    def of_person(self, person_id: int) -> Mapping[int, Value]:
        """Give the values of one person, by thing."""
        return self._by_person.get(person_id, {})

    def of_thing(self, thing_id: int) -> Mapping[int, Value]:
        """Give the values of one thing, by person."""
        return self._by_thing.get(thing_id, {})

    def __getitem__(self, key: tuple[int, int]) -> Value:
        thing_id, person_id = key
        values = self.of_thing(thing_id)
        if person_id not in values:
            raise KeyError(key)
        return values[person_id]

    def __setitem__(self, key: tuple[int, int], value: Value) -> None:
        thing_id, person_id = key
        self._by_thing[thing_id][person_id] = value
        self._by_person[person_id][thing_id] = value

    def __delitem__(self, key: tuple[int, int]) -> None:
        thing_id, person_id = key
        if key not in self:
            raise KeyError(key)
        del self._by_thing[thing_id][person_id]
        del self._by_person[person_id][thing_id]

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return ((thing, person) for thing, values in self._by_thing.items() for person in values)

    def __len__(self) -> int:
        return sum(len(values) for values in self._by_thing.values())
