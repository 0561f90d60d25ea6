"""Pull requests, and comments on them and on issues."""

import hashlib
from typing import Final, TypeGuard

from entrypoints.sandbox.github.documents import account_document, github_time, repository_document
from entrypoints.sandbox.github.exchange import UpstreamAnswer
from entrypoints.sandbox.github.model import ChangedFile, Comment, Issue, PullRequest, Repository
from entrypoints.sandbox.github.rest.call import NOT_FOR_APPS, Call
from entrypoints.sandbox.github.rest.repositories import Seen
from entrypoints.sandbox.wire import Json, JsonObject, UnreadableJson, read_json

PULL: Final = "https://docs.github.com/rest/pulls/pulls#get-a-pull-request"
FILES: Final = "https://docs.github.com/rest/pulls/pulls#list-pull-requests-files"
COMMENT: Final = "https://docs.github.com/rest/issues/comments#create-an-issue-comment"
LONGEST_COMMENT: Final = 65_536


def pull_request(call: Call, seen: Seen) -> UpstreamAnswer:
    if seen.lacks(call, "pull_requests"):
        return call.refuse(403, NOT_FOR_APPS, PULL)
    pull = _pull(call, seen.repository)
    return call.not_found(PULL) if pull is None else call.answer(_pull_document(call, seen.repository, pull))


def pull_request_files(call: Call, seen: Seen) -> UpstreamAnswer:
    if seen.lacks(call, "pull_requests"):
        return call.refuse(403, NOT_FOR_APPS, FILES)
    pull = _pull(call, seen.repository)
    if pull is None:
        return call.not_found(FILES)
    documents: list[Json] = [_changed_file_document(call, seen.repository, one) for one in call.page.of(pull.files)]
    return call.answer(documents, headers=call.links(len(pull.files)))


def create_comment(call: Call, seen: Seen) -> UpstreamAnswer:
    """Comment on an issue or a pull request, as the App or as a person through it."""
    repository = seen.repository
    issue = repository.issues.get(int(call.values["number"]))
    needed = ["issues", "pull_requests"] if isinstance(issue, PullRequest) else ["issues"]
    if all(seen.lacks(call, permission, "write") for permission in needed):
        return call.refuse(403, NOT_FOR_APPS, COMMENT)
    if issue is None:
        return call.not_found(COMMENT)
    if repository.archived:
        return call.refuse(403, "Repository was archived so is read-only.", COMMENT)
    try:
        given = read_json(call.request.body)
    except UnreadableJson:
        return call.refuse(400, "Problems parsing JSON", COMMENT)
    body = given.get("body") if isinstance(given, dict) else None
    if not _is_comment(body):
        return _unfit(call)
    comment = Comment(
        id=call.world.number(),
        number=issue.number,
        body=body,
        author_id=None if call.person is None else call.person.id,
        created_at=call.now,
    )
    repository.comments.append(comment)
    document = _comment_document(call, repository, comment)
    return call.answer(document, 201, {"location": str(document["url"])})


def _is_comment(body: Json) -> TypeGuard[str]:
    return isinstance(body, str) and body.strip() != "" and len(body) <= LONGEST_COMMENT


def _unfit(call: Call) -> UpstreamAnswer:
    wrong: JsonObject = {
        "resource": "IssueComment",
        "code": "unprocessable",
        "field": "data",
        "message": "Body cannot be blank",
    }
    body: Json = {
        "message": "Validation Failed",
        "errors": [wrong],
        "documentation_url": COMMENT,
        "status": "422",
    }
    return call.answer(body, 422)


def _pull(call: Call, repository: Repository) -> PullRequest | None:
    issue = repository.issues.get(int(call.values["number"]))
    return issue if isinstance(issue, PullRequest) else None


def _author(call: Call, author_id: int | None) -> JsonObject:
    """Describe who wrote it: the App's bot when nobody did, a ghost when they are gone."""
    app, author = call.world.app, call.world.accounts.get(author_id or 0)
    if author is not None:
        return account_document(author, call.base_url)
    return {"login": f"{app.slug}[bot]" if author_id is None else "ghost", "id": app.id, "type": "Bot"}


def _address(call: Call, repository: Repository) -> str:
    return f"{call.world.owner_of(repository).login}/{repository.name}"


def _issue_document(call: Call, repository: Repository, issue: Issue, kind: str) -> JsonObject:
    at, address = github_time(issue.created_at), _address(call, repository)
    return {
        "id": repository.id * 10_000 + issue.number,
        "number": issue.number,
        "url": f"https://api.github.com/repos/{address}/{kind}s/{issue.number}",
        "html_url": f"https://github.com/{address}/{kind}/{issue.number}",
        "state": issue.state,
        "locked": False,
        "title": issue.title,
        "body": issue.body,
        "user": _author(call, issue.author_id),
        "created_at": at,
        "updated_at": at,
        "closed_at": None if issue.state == "open" else at,
    }


def _pull_document(call: Call, repository: Repository, pull: PullRequest) -> JsonObject:
    return {
        **_issue_document(call, repository, pull, "pull"),
        "draft": pull.draft,
        "merged": pull.merged,
        "merged_at": github_time(pull.created_at) if pull.merged else None,
        "mergeable": None if pull.merged else True,
        "head": _branch_document(call, repository, pull.branch),
        "base": _branch_document(call, repository, repository.default_branch),
        "comments": sum(comment.number == pull.number for comment in repository.comments),
        "review_comments": 0,
        "commits": 1,
        "additions": sum(one.additions for one in pull.files),
        "deletions": sum(one.deletions for one in pull.files),
        "changed_files": len(pull.files),
    }


def _branch_document(call: Call, repository: Repository, branch: str) -> JsonObject:
    owner = call.world.owner_of(repository)
    return {
        "label": f"{owner.login}:{branch}",
        "ref": branch,
        "sha": made_up_sha(f"{repository.id} {branch}"),
        "user": account_document(owner, call.base_url),
        "repo": repository_document(call.world, repository, "pull", call.base_url),
    }


def _changed_file_document(call: Call, repository: Repository, changed: ChangedFile) -> JsonObject:
    url = f"https://api.github.com/repos/{_address(call, repository)}/contents/{changed.path}"
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


def _comment_document(call: Call, repository: Repository, comment: Comment) -> JsonObject:
    at, address = github_time(comment.created_at), _address(call, repository)
    return {
        "id": comment.id,
        "node_id": f"IC_{comment.id}",
        "url": f"https://api.github.com/repos/{address}/issues/comments/{comment.id}",
        "html_url": f"https://github.com/{address}/issues/{comment.number}#issuecomment-{comment.id}",
        "issue_url": f"https://api.github.com/repos/{address}/issues/{comment.number}",
        "body": comment.body,
        "user": _author(call, comment.author_id),
        "created_at": at,
        "updated_at": at,
        "author_association": "NONE",
    }


def made_up_sha(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
