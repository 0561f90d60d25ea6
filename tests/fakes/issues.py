"""Issues in memory."""

from collections.abc import Sequence

from application.ports.issues import Issues
from domain.replica import Issue, ItemFilter
from domain.repository import RepositoryId
from tests.fakes.items import is_wanted, standing
from tests.fakes.tables import Tables


class InMemoryIssues(Issues):
    def __init__(self, tables: Tables) -> None:
        self._rows = tables.issues

    async def list(
        self, repository_id: RepositoryId, wanted: ItemFilter, before: int | None, limit: int
    ) -> Sequence[Issue]:
        found = [
            issue
            for issue in standing(self._rows, repository_id, before)
            if is_wanted(issue, wanted) and wanted.branch is None
        ]
        return found[:limit]

    async def count(self, repository_id: RepositoryId, at_most: int) -> int:
        return len(standing(self._rows, repository_id)[:at_most])
