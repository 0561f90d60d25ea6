"""GitHub's documents of issues, pull requests and comments."""

from datetime import datetime

from entrypoints.sandbox.github.documents import account_document, github_time, repository_document
from entrypoints.sandbox.github.history import Label
from entrypoints.sandbox.github.made_up_history import made_up_sha
from entrypoints.sandbox.github.model import ChangedFile, Comment, Issue, PullRequest, Repository
from entrypoints.sandbox.github.rest.call import Call
from entrypoints.sandbox.wire import Json, JsonObject

NUMBERS_PER_REPOSITORY = 1_000_000
PULLS_AS_ISSUES = 500_000


def address_of(call: Call, repository: Repository) -> str:
    return f"{call.world.owner_of(repository).login}/{repository.name}"


def issue_document(call: Call, repository: Repository, issue: Issue) -> JsonObject:
    """Describe an issue, or a pull request as the list of issues has it: with a key that tells."""
    address = address_of(call, repository)
    document: JsonObject = {
        **_common(call, repository, issue),
        "url": f"https://api.github.com/repos/{address}/issues/{issue.number}",
        "repository_url": f"https://api.github.com/repos/{address}",
        "state_reason": issue.state_reason,
        "comments": _comments_on(repository, issue),
        "author_association": "NONE",
    }
    if not isinstance(issue, PullRequest):
        return document
    link: JsonObject = {
        "url": f"https://api.github.com/repos/{address}/pulls/{issue.number}",
        "html_url": f"https://github.com/{address}/pull/{issue.number}",
        "merged_at": _time(_merged_at(issue)),
    }
    number = _id_of(repository, issue) + PULLS_AS_ISSUES
    return {**document, "id": number, "node_id": f"I_{number}", "draft": issue.draft, "pull_request": link}


def listed_pull_document(call: Call, repository: Repository, pull: PullRequest) -> JsonObject:
    """Describe a pull request as the list of them has it."""
    base = pull.base or repository.default_branch
    head_sha = pull.head_sha or made_up_sha(f"{repository.id} {pull.branch}")
    base_sha = pull.base_sha or made_up_sha(f"{repository.id} {base}")
    reviewers: list[Json] = [author_document(call, one) for one in pull.reviewer_ids]
    return {
        **_common(call, repository, pull),
        "draft": pull.draft,
        "merged_at": _time(_merged_at(pull)),
        "merge_commit_sha": pull.merge_commit_sha,
        "requested_reviewers": reviewers,
        "requested_teams": [],
        "head": _branch_document(call, repository, pull.branch, head_sha),
        "base": _branch_document(call, repository, base, base_sha),
        "auto_merge": None,
        "author_association": "NONE",
    }


def pull_document(call: Call, repository: Repository, pull: PullRequest) -> JsonObject:
    """Describe one pull request in full."""
    return {
        **listed_pull_document(call, repository, pull),
        "merged": pull.merged,
        "mergeable": None if pull.merged else True,
        "comments": _comments_on(repository, pull),
        "review_comments": 0,
        "commits": 1,
        "additions": sum(one.additions for one in pull.files),
        "deletions": sum(one.deletions for one in pull.files),
        "changed_files": len(pull.files),
    }


def changed_file_document(call: Call, repository: Repository, changed: ChangedFile) -> JsonObject:
    url = f"https://api.github.com/repos/{address_of(call, repository)}/contents/{changed.path}"
    return {
        "sha": made_up_sha(changed.path),
        "filename": changed.path,
        "status": changed.status,
        "additions": changed.additions,
        "deletions": changed.deletions,
        "changes": changed.additions + changed.deletions,
        "contents_url": url,
        "patch": changed.patch,
    }


def comment_document(call: Call, repository: Repository, comment: Comment) -> JsonObject:
    at, address = github_time(comment.created_at), address_of(call, repository)
    return {
        "id": comment.id,
        "node_id": f"IC_{comment.id}",
        "url": f"https://api.github.com/repos/{address}/issues/comments/{comment.id}",
        "html_url": f"https://github.com/{address}/issues/{comment.number}#issuecomment-{comment.id}",
        "issue_url": f"https://api.github.com/repos/{address}/issues/{comment.number}",
        "body": comment.body,
        "user": author_document(call, comment.author_id),
        "created_at": at,
        "updated_at": at,
        "author_association": "NONE",
    }


def author_document(call: Call, author_id: int | None) -> JsonObject:
    """Describe who wrote it: the App's bot when nobody did, a ghost when they are gone."""
    app, author = call.world.app, call.world.accounts.get(author_id or 0)
    if author is not None:
        return account_document(author, call.base_url)
    return {"login": f"{app.slug}[bot]" if author_id is None else "ghost", "id": app.id, "type": "Bot"}


def _common(call: Call, repository: Repository, issue: Issue) -> JsonObject:
    address, number = address_of(call, repository), _id_of(repository, issue)
    kind, initial = ("pull", "PR") if isinstance(issue, PullRequest) else ("issue", "I")
    page = kind if kind == "pull" else "issues"
    closed_at = issue.closed_at or issue.last_changed_at
    assignees: list[Json] = [author_document(call, one) for one in issue.assignee_ids]
    labels: list[Json] = [_label_document(address, label) for label in issue.labels]
    return {
        "id": number,
        "node_id": f"{initial}_{number}",
        "number": issue.number,
        "url": f"https://api.github.com/repos/{address}/{kind}s/{issue.number}",
        "html_url": f"https://github.com/{address}/{page}/{issue.number}",
        "state": issue.state,
        "locked": issue.locked,
        "active_lock_reason": None,
        "title": issue.title,
        "body": issue.body,
        "user": author_document(call, issue.author_id),
        "labels": labels,
        "assignee": assignees[0] if assignees else None,
        "assignees": assignees,
        "milestone": None if issue.milestone is None else _milestone_document(issue.milestone),
        "created_at": github_time(issue.created_at),
        "updated_at": github_time(issue.last_changed_at),
        "closed_at": None if issue.state == "open" else github_time(closed_at),
    }


def _id_of(repository: Repository, issue: Issue) -> int:
    return repository.id * NUMBERS_PER_REPOSITORY + issue.number


def _label_document(address: str, label: Label) -> JsonObject:
    return {
        "id": label.id,
        "node_id": f"LA_{label.id}",
        "url": f"https://api.github.com/repos/{address}/labels/{label.name}",
        "name": label.name,
        "color": label.color,
        "default": False,
        "description": None,
    }


def _milestone_document(title: str) -> JsonObject:
    """Describe a milestone, whose number is made up from its title."""
    number = int(made_up_sha(title)[:4], 16)
    return {"id": number, "number": number, "title": title, "state": "open", "due_on": None}


def _branch_document(call: Call, repository: Repository, branch: str, sha: str) -> JsonObject:
    owner = call.world.owner_of(repository)
    return {
        "label": f"{owner.login}:{branch}",
        "ref": branch,
        "sha": sha,
        "user": account_document(owner, call.base_url),
        "repo": repository_document(call.world, repository, "pull", call.base_url),
    }


def _comments_on(repository: Repository, issue: Issue) -> int:
    return sum(comment.number == issue.number for comment in repository.comments)


def _merged_at(pull: PullRequest) -> datetime | None:
    return (pull.merged_at or pull.closed_at or pull.last_changed_at) if pull.merged else None


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else github_time(moment)
