"""Pull requests in memory."""

from collections.abc import Sequence

from application.ports.pull_requests import PullRequests
from domain.replica import ItemFilter, PullRequest
from domain.repository import RepositoryId
from tests.fakes.items import is_wanted, standing
from tests.fakes.tables import Tables


class InMemoryPullRequests(PullRequests):
    def __init__(self, tables: Tables) -> None:
        self._rows = tables.pull_requests

    async def list(
        self, repository_id: RepositoryId, wanted: ItemFilter, before: int | None, limit: int
    ) -> Sequence[PullRequest]:
        found = [
            pull
            for pull in standing(self._rows, repository_id, before)
            if is_wanted(pull, wanted) and (wanted.branch is None or wanted.branch in {pull.base_ref, pull.head_ref})
        ]
        return found[:limit]

    async def count(self, repository_id: RepositoryId, at_most: int) -> int:
        return len(standing(self._rows, repository_id)[:at_most])
