"""One pull request, and comments on it and on issues."""

from typing import Final, TypeGuard

from entrypoints.sandbox.github.exchange import UpstreamAnswer
from entrypoints.sandbox.github.model import Comment, PullRequest, Repository
from entrypoints.sandbox.github.rest.call import NOT_FOR_APPS, Call
from entrypoints.sandbox.github.rest.discussion_documents import (
    changed_file_document,
    comment_document,
    pull_document,
)
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
    return call.not_found(PULL) if pull is None else call.answer(pull_document(call, seen.repository, pull))


def pull_request_files(call: Call, seen: Seen) -> UpstreamAnswer:
    if seen.lacks(call, "pull_requests"):
        return call.refuse(403, NOT_FOR_APPS, FILES)
    pull = _pull(call, seen.repository)
    if pull is None:
        return call.not_found(FILES)
    documents: list[Json] = [changed_file_document(call, seen.repository, one) for one in call.page.of(pull.files)]
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
    document = comment_document(call, repository, comment)
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
