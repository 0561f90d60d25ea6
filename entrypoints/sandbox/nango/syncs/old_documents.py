"""The records of the families `github-app` and `github`, which are older and say less."""

from typing import Any, Final

from entrypoints.sandbox.nango.syncs.run import Place
from entrypoints.sandbox.wire import JsonObject

NOBODY: Final[JsonObject] = {"id": "", "url": ""}


def user(account: Any) -> JsonObject:  # noqa: ANN401 - GitHub's document
    return NOBODY if account is None else {"id": account["login"], "url": f"https://github.com/{account['login']}"}


def old_pull_request_record(_: Place, pull: Any) -> JsonObject:  # noqa: ANN401 - GitHub's document
    """Nobody reviews here, which the template writes as below; nor are comments read."""
    return {
        "id": pull["node_id"],
        "url": pull["html_url"],
        "state": "MERGED" if pull["merged_at"] else pull["state"].upper(),
        "title": pull["title"],
        "user": user(pull["user"]),
        "assignees": [user(one) for one in pull["assignees"]],
        "reviewers": [user(one) for one in pull["requested_reviewers"]],
        "draft": pull["draft"],
        "labels": [one["name"] for one in pull["labels"]],
        "reviewDecision": "REVIEW_REQUIRED",
        "latestComment": {"id": "", "body": "", "createdAt": "", "user": NOBODY},
    }


def old_commit_record(place: Place, commit: Any) -> JsonObject:  # noqa: ANN401 - GitHub's document
    return {
        "id": commit["node_id"],
        "url": commit["html_url"],
        "branch": place.branch or "",
        "author": user(commit["author"]),
        "message": commit["commit"]["message"],
        "date": commit["commit"]["committer"]["date"],
    }


def old_issue_record(place: Place, issue: Any) -> JsonObject:  # noqa: ANN401 - GitHub's document
    return {
        "id": str(issue["id"]),
        "owner": place.owner,
        "repo": place.repo,
        "issue_number": issue["number"],
        "title": issue["title"],
        "author": issue["user"]["login"],
        "author_id": issue["user"]["id"],
        "state": issue["state"],
        "date_created": issue["created_at"],
        "date_last_modified": issue["updated_at"],
        "body": issue["body"] or "",
    }
