"""The records of the family `github-app-oauth`: what GitHub does not say is not there."""

from typing import Any

from entrypoints.sandbox.nango.syncs.run import Place
from entrypoints.sandbox.wire import JsonObject


def without_nothing(document: JsonObject) -> JsonObject:
    return {name: value for name, value in document.items() if value is not None}


def pull_request_record(place: Place, pull: Any) -> JsonObject:  # noqa: ANN401 - GitHub's document
    return without_nothing(
        {
            "id": str(pull["id"]),
            "repository_owner": place.owner,
            "repository_name": place.repo,
            "number": pull["number"],
            "title": pull["title"],
            "state": pull["state"],
            "locked": pull["locked"],
            "user_login": pull["user"]["login"],
            "user_id": pull["user"]["id"],
            "body": pull["body"],
            "created_at": pull["created_at"],
            "updated_at": pull["updated_at"],
            "closed_at": pull["closed_at"],
            "merged_at": pull["merged_at"],
            "merge_commit_sha": pull["merge_commit_sha"],
            "draft": pull["draft"],
            "html_url": pull["html_url"],
            "head_ref": pull["head"]["ref"],
            "head_sha": pull["head"]["sha"],
            "base_ref": pull["base"]["ref"],
            "base_sha": pull["base"]["sha"],
            "assignees": [{"login": one["login"], "id": one["id"]} for one in pull["assignees"]],
            "requested_reviewers": [{"login": one["login"], "id": one["id"]} for one in pull["requested_reviewers"]],
            "labels": [{"id": one["id"], "name": one["name"], "color": one["color"]} for one in pull["labels"]],
        }
    )


def commit_record(place: Place, commit: Any) -> JsonObject:  # noqa: ANN401 - GitHub's document
    author, committer = commit["commit"]["author"], commit["commit"]["committer"]
    return without_nothing(
        {
            "id": f"{place.full_name}:{place.branch}:{commit['sha']}",
            "sha": commit["sha"],
            "message": commit["commit"]["message"],
            "author_name": author["name"],
            "author_email": author["email"],
            "author_date": author["date"],
            "committer_name": committer["name"],
            "committer_email": committer["email"],
            "committer_date": committer["date"],
            "author_login": commit["author"] and commit["author"]["login"],
            "committer_login": commit["committer"] and commit["committer"]["login"],
            "html_url": commit["html_url"],
            "parent_shas": [one["sha"] for one in commit["parents"]],
        }
    )


def issue_record(place: Place, issue: Any) -> JsonObject:  # noqa: ANN401 - GitHub's document
    return without_nothing(
        {
            "id": str(issue["id"]),
            "repository_owner": place.owner,
            "repository_name": place.repo,
            "number": issue["number"],
            "title": issue["title"],
            "state": issue["state"],
            "state_reason": issue["state_reason"],
            "locked": issue["locked"],
            "author_login": issue["user"]["login"],
            "author_id": issue["user"]["id"],
            "labels": [one["name"] for one in issue["labels"]],
            "assignee_logins": [one["login"] for one in issue["assignees"]],
            "milestone_title": issue["milestone"] and issue["milestone"]["title"],
            "comments_count": issue["comments"],
            "created_at": issue["created_at"],
            "updated_at": issue["updated_at"],
            "closed_at": issue["closed_at"],
            "body": issue["body"],
            "html_url": issue["html_url"],
        }
    )
