"""What pull requests and issues in memory have in common."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from domain.replica import Issue, ItemFilter, PullRequest
from domain.repository import RepositoryId
from tests.fakes.tables import StoredItem

Item = TypeVar("Item", PullRequest, Issue)


def standing(
    rows: Mapping[tuple[RepositoryId, int], StoredItem[Item]], repository_id: RepositoryId, before: int | None = None
) -> Sequence[Item]:
    """List what is not deleted, by falling numbers."""
    found = [
        stored.entity
        for (of, number), stored in rows.items()
        if of == repository_id and stored.deleted_at is None and (before is None or number < before)
    ]
    return sorted(found, key=lambda item: item.number, reverse=True)


def is_wanted(item: PullRequest | Issue, wanted: ItemFilter) -> bool:
    return (
        wanted.state in {None, item.state}
        and (wanted.author is None or wanted.author.lower() == (item.author or "").lower())
        and (wanted.label is None or wanted.label.lower() in {label.lower() for label in item.labels or ()})
        and (wanted.since is None or (item.updated_at is not None and item.updated_at >= wanted.since))
        and (wanted.until is None or (item.updated_at is not None and item.updated_at < wanted.until))
        and (wanted.text is None or wanted.text.lower() in item.title.lower())
    )
