"""Records of Nango's syncs: of each model one that `tests/fixtures/models` has, in the shape of Nango's templates."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeAlias

import msgspec

from domain.sync import RecordPage
from tests.fakes.clock import NOON

Record: TypeAlias = dict[str, Any]

FIXTURES: Final = Path(__file__).parent / "fixtures" / "models"


def a_record(
    model: str, at: datetime = NOON, action: str = "ADDED", pruned_at: datetime | None = None, **changes: object
) -> Record:
    """Take the model's record with some of its fields changed; one that is changed to `...` is left out."""
    record: Record = msgspec.json.decode((FIXTURES / f"{model}.json").read_bytes())
    return changed(record, changes) | {
        "_nango_metadata": {
            "first_seen_at": NOON.isoformat(),
            "last_modified_at": at.isoformat(),
            "last_action": action,
            "deleted_at": at.isoformat() if action == "DELETED" else None,
            "pruned_at": pruned_at.isoformat() if pruned_at else None,
            "cursor": f"cursor of {at.isoformat()}",
        }
    }


def a_pull_request_record(number: int, /, at: datetime = NOON, action: str = "ADDED", **changes: object) -> Record:
    told = {"id": str(number), "number": number, "html_url": f"https://github.com/acme/rocket/pull/{number}"}
    return changed(a_record("PullRequest", at, action), told | changes)


def a_commit_record(sha: str, branch: str = "main", at: datetime = NOON, action: str = "ADDED") -> Record:
    page = f"https://github.com/acme/rocket/commit/{sha}"
    return a_record("Commit", at, action, id=f"acme/rocket:{branch}:{sha}", sha=sha, html_url=page)


def a_page(*records: Record, is_last: bool = True) -> RecordPage:
    told: list[Record] = [record["_nango_metadata"] for record in records if "_nango_metadata" in record]
    return RecordPage(
        records=msgspec.json.encode(records),
        count=len(records),
        cursor=told[-1]["cursor"] if told else None,
        through=datetime.fromisoformat(told[-1]["last_modified_at"]) if told else None,
        is_last=is_last,
    )


def changed(record: Record, changes: Mapping[str, object]) -> Record:
    return {name: value for name, value in {**record, **changes}.items() if value is not ...}
