"""All repositories, by number and by owner."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import Self

from entrypoints.sandbox.github.model import Repository


class Repositories(MutableMapping[int, Repository]):
    """Those of one owner are found without going through all the others."""

    def __init__(self, repositories: Iterable[Repository] = ()) -> None:
        self._by_id: dict[int, Repository] = {}
        self._by_owner: defaultdict[int, dict[int, Repository]] = defaultdict(dict)
        for repository in repositories:
            self[repository.id] = repository

    def of_owner(self, owner_id: int) -> Mapping[int, Repository]:
        return self._by_owner.get(owner_id, {})

    def give(self, repository: Repository, owner_id: int) -> None:
        """Change whose it is: nothing else may set `owner_id`."""
        del self[repository.id]
        repository.owner_id = owner_id
        self[repository.id] = repository

    def __getitem__(self, repository_id: int) -> Repository:
        return self._by_id[repository_id]

    def __setitem__(self, repository_id: int, repository: Repository) -> None:
        if repository_id in self._by_id:
            del self[repository_id]
        self._by_id[repository_id] = self._by_owner[repository.owner_id][repository_id] = repository

    def __delitem__(self, repository_id: int) -> None:
        repository = self._by_id.pop(repository_id)
        del self._by_owner[repository.owner_id][repository_id]

    def __iter__(self) -> Iterator[int]:
        return iter(self._by_id)

    def __len__(self) -> int:
        return len(self._by_id)

    def __ior__(self, others: Mapping[int, Repository]) -> Self:
        self.update(others)
        return self
