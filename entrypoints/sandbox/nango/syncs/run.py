"""One run of a sync, as its script sees it."""

from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import quote

from entrypoints.sandbox.nango.records.table import Saved, Table
from entrypoints.sandbox.nango.state import Connection
from entrypoints.sandbox.nango.syncs.reading import SyncFailed, pages, read
from entrypoints.sandbox.nango.syncs.state import SyncState
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.wire import Json, JsonObject, compact_json


@dataclass(frozen=True, slots=True)
class Place:
    """A repository by the names that it is asked for by, and a branch if one was chosen."""

    owner: str
    repo: str
    branch: str | None = None

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.repo}"

    @property
    def path(self) -> str:
        return f"/repos/{quote(self.owner, safe='')}/{quote(self.repo, safe='')}"


@dataclass(frozen=True, slots=True)
class Run:
    sandbox: Sandbox
    connection: Connection
    state: SyncState
    table: Table
    saved: Saved = field(default_factory=Saved)
    seen: set[str] = field(default_factory=set[str])

    @property
    def is_first(self) -> bool:
        return self.state.checkpoint is None

    @property
    def metadata(self) -> JsonObject:
        return self.connection.metadata or {}

    def repositories(self) -> list[Place]:
        """Give those that the connection's metadata names; at least one must be there."""
        given = self.metadata.get("repositories")
        named = [place_in(one) for one in given] if isinstance(given, list) else []
        if not named:
            raise SyncFailed("script_internal_error", "No repositories found in metadata")
        return named

    async def document(self, target: str) -> JsonObject:
        document, _ = await read(self.sandbox, self.connection, target)
        return document if isinstance(document, dict) else {}

    def pages(self, path: str, name: str | None = None, **query: str) -> AsyncGenerator[list[JsonObject]]:
        return pages(self.sandbox, self.connection, path, name, **query)

    def save(self, documents: Iterable[JsonObject]) -> None:
        batch = [(str(one["id"]), compact_json(one)) for one in documents]
        self.seen.update(record_id for record_id, _ in batch)
        self.saved.add(self.table.save(batch, self.sandbox.now()))

    def delete_others(self) -> None:
        """Mark what this run did not save as deleted."""
        self.saved.add(self.table.delete_others(self.seen, self.sandbox.now()))


Script: TypeAlias = Callable[[Run], Coroutine[Any, Any, None]]


def place_in(document: Json) -> Place:
    """Read a repository in metadata: an owner and a repository, and perhaps a branch."""
    owner, repo, branch = (
        document.get(name) if isinstance(document, dict) else None for name in ("owner", "repo", "branch")
    )
    if not isinstance(owner, str) or not isinstance(repo, str):
        raise SyncFailed("script_internal_error", "Invalid input: expected owner and repo in the metadata")
    return Place(owner, repo, branch if isinstance(branch, str) else None)
