"""GitHub's documents as the records that Nango's syncs would make of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from adapters.nango import list_documents as documents
from domain.repository import RepositoryId

NOTHING: Final = documents.Account()


def pull_request_record(document: documents.PullRequest) -> dict[str, Any]:
    return {
        **_conversation(document),
        "user_login": (document.user or NOTHING).login,
        "user_id": (document.user or NOTHING).id,
        "merged_at": document.merged_at,
        "merge_commit_sha": document.merge_commit_sha,
        "draft": document.draft,
        "head_ref": document.head.ref,
        "head_sha": document.head.sha,
        "base_ref": document.base.ref,
        "base_sha": document.base.sha,
        "assignees": _accounts(document.assignees),
        "requested_reviewers": _accounts(document.requested_reviewers),
        "labels": [{"name": name} for name in _names(document.labels)],
    }


def issue_record(document: documents.Issue) -> dict[str, Any]:
    return {
        **_conversation(document),
        "author_login": (document.user or NOTHING).login,
        "author_id": (document.user or NOTHING).id,
        "state_reason": document.state_reason,
        "labels": _names(document.labels),
        "assignee_logins": [one.login for one in document.assignees or () if one.login],
        "milestone_title": document.milestone and document.milestone.title,
        "comments_count": document.comments,
        "closed_by_login": (document.closed_by or NOTHING).login,
    }


def commit_record(document: documents.Commit, repository_id: RepositoryId, branch: str) -> dict[str, Any]:
    """Name it by the repository's id in place of its name, which may change."""
    author = document.commit.author or documents.Signature()
    committer = document.commit.committer or documents.Signature()
    verification = document.commit.verification or documents.Verification()
    return {
        "id": f"{repository_id}:{branch}:{document.sha}",
        "sha": document.sha,
        "branch": branch,
        "message": document.commit.message,
        "author_name": author.name,
        "author_email": author.email,
        "author_date": author.date,
        "author_login": (document.author or NOTHING).login,
        "committer_name": committer.name,
        "committer_email": committer.email,
        "committer_date": committer.date,
        "committer_login": (document.committer or NOTHING).login,
        "verified": verification.verified,
        "verification_reason": verification.reason,
        "html_url": document.html_url,
        "parent_shas": [parent.sha for parent in document.parents],
    }


def with_metadata(record: dict[str, Any], read_at: datetime) -> dict[str, Any]:
    """Say when it was read, and leave out what it does not have, as Nango's syncs do."""
    metadata = {
        "first_seen_at": read_at,
        "last_modified_at": read_at,
        "last_action": "ADDED",
        "deleted_at": None,
        "pruned_at": None,
    }
    return {**{name: value for name, value in record.items() if value is not None}, "_nango_metadata": metadata}


def _conversation(document: documents.Conversation) -> dict[str, Any]:
    return {
        "id": str(document.id),
        "number": document.number,
        "title": document.title,
        "state": document.state,
        "locked": document.locked,
        "body": document.body,
        "created_at": document.created_at,
        "updated_at": document.updated_at,
        "closed_at": document.closed_at,
        "html_url": document.html_url,
    }


def _accounts(accounts: Sequence[documents.Account] | None) -> list[dict[str, Any]] | None:
    return None if accounts is None else [{"login": one.login, "id": one.id} for one in accounts if one.login]


def _names(labels: Sequence[documents.Label | str]) -> list[str]:
    names = [one if isinstance(one, str) else one.name for one in labels]
    return [name for name in names if name]
