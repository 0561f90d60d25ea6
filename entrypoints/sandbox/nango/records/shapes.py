"""Records of the models that the templates' syncs have, written from a number so that a million need no room."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, get_args

from entrypoints.sandbox.nango.records.record import Made, Payload
from entrypoints.sandbox.wire import JsonObject, compact_json

SyncModel = Literal["PullRequest", "Commit", "Issue", "GithubPullRequest", "GithubCommit", "GithubIssue"]
MODELS: Final[tuple[SyncModel, ...]] = get_args(SyncModel)

# In the documents below these stand for the record's number, a hash and a moment made of it, and how often it changed.
NUMBER, SHA, MOMENT, ROUND = "<n>", "<sha>", "<at>", "<round>"
ALONE: Final = "<number>"
"""The number, not in a text."""
FILLED: Final = ((f'"{ALONE}"', "%(n)d"), (NUMBER, "%(n)d"), (SHA, "%(n)040x"), (MOMENT, "%(at)b"))

AUTHOR: Final[JsonObject] = {"id": "ada-rivera", "url": "https://github.com/ada-rivera"}
MEMBER: Final[JsonObject] = {"login": "ada-rivera", "id": 583_201}


@dataclass(frozen=True, slots=True)
class Shape:
    """Writes the records of a model, in a few kinds that take turns."""

    kinds: tuple[bytes, ...]
    id: str

    def write(self, number: int) -> bytes:
        return self.kinds[number % len(self.kinds)] % {b"n": number, b"at": moment_of_number(number)}

    def record(self, number: int) -> tuple[str, Payload]:
        return self.id.replace(SHA, f"{number:040x}").replace(NUMBER, str(number)), Made(self.write, number)


def shape_of(model: SyncModel, repository: str, revision: int = 0) -> Shape:
    """Give a model's shape in a repository (`owner/name`); another revision has other titles."""
    owner, _, name = repository.partition("/")
    documents = DOCUMENTS[model](owner, name)
    return Shape(tuple(_template(one, revision) for one in documents), str(documents[0]["id"]))


def moment_of_number(number: int) -> bytes:
    """Make a moment that is later for a greater number, a minute each."""
    days, minutes = divmod(number, 1440)
    months, day = divmod(days, 28)
    year, month = divmod(months, 12)
    return b"%d-%02d-%02dT%02d:%02d:00Z" % (2016 + year % 10, month + 1, day + 1, minutes // 60, minutes % 60)


def _template(document: JsonObject, revision: int) -> bytes:
    text = compact_json(document).decode().replace("%", "%%").replace(ROUND, f" ({revision})" if revision else "")
    for mark, place in FILLED:
        text = text.replace(mark, place)
    return text.encode()


def _pull_requests(owner: str, name: str) -> list[JsonObject]:
    common: JsonObject = {
        "id": NUMBER,
        "repository_owner": owner,
        "repository_name": name,
        "number": ALONE,
        "title": f"Change number {NUMBER}{ROUND}",
        "state": "open",
        "locked": False,
        "user_login": "ada-rivera",
        "user_id": 583_201,
        "body": "What was wrong, and what this does about it. " * 4,
        "created_at": MOMENT,
        "updated_at": MOMENT,
        "draft": False,
        "html_url": f"https://github.com/{owner}/{name}/pull/{NUMBER}",
        "head_ref": f"topic-{NUMBER}",
        "head_sha": SHA,
        "base_ref": "main",
        "base_sha": SHA,
        "assignees": [MEMBER],
        "requested_reviewers": [],
        "labels": [{"id": 1, "name": "bug", "color": "d73a4a"}],
    }
    closed: JsonObject = {**common, "state": "closed", "closed_at": MOMENT}
    return [common, {**closed, "merged_at": MOMENT, "merge_commit_sha": SHA}, closed]


def _commits(owner: str, name: str) -> list[JsonObject]:
    common: JsonObject = {
        "id": f"{owner}/{name}:main:{SHA}",
        "sha": SHA,
        "message": f"Fix case {NUMBER}{ROUND}",
        "author_name": "Ada Rivera",
        "author_email": "ada@example.test",
        "author_date": MOMENT,
        "committer_name": "Ada Rivera",
        "committer_email": "ada@example.test",
        "committer_date": MOMENT,
        "html_url": f"https://github.com/{owner}/{name}/commit/{SHA}",
        "parent_shas": [SHA],
    }
    return [{**common, "author_login": "ada-rivera", "committer_login": "ada-rivera"}, common]


def _issues(owner: str, name: str) -> list[JsonObject]:
    common: JsonObject = {
        "id": NUMBER,
        "repository_owner": owner,
        "repository_name": name,
        "number": ALONE,
        "title": f"Problem {NUMBER}{ROUND}",
        "state": "open",
        "locked": False,
        "author_login": "grace-okafor",
        "author_id": 583_202,
        "labels": ["bug"],
        "assignee_logins": ["ada-rivera"],
        "comments_count": 0,
        "created_at": MOMENT,
        "updated_at": MOMENT,
        "body": "Steps to see it. " * 6,
        "html_url": f"https://github.com/{owner}/{name}/issues/{NUMBER}",
    }
    return [common, {**common, "state": "closed", "state_reason": "completed", "closed_at": MOMENT}]


def _old_pull_requests(owner: str, name: str) -> list[JsonObject]:
    said: JsonObject = {"id": f"IC_{NUMBER}", "body": "Looks good.", "createdAt": MOMENT, "user": AUTHOR}
    common: JsonObject = {
        "id": f"PR_{NUMBER}",
        "url": f"https://github.com/{owner}/{name}/pull/{NUMBER}",
        "state": "OPEN",
        "title": f"Change number {NUMBER}{ROUND}",
        "user": AUTHOR,
        "assignees": [AUTHOR],
        "reviewers": [AUTHOR],
        "draft": False,
        "labels": ["bug", "backend"],
        "reviewDecision": "REVIEW_REQUIRED",
        "latestComment": said,
    }
    return [common, {**common, "state": "MERGED", "reviewDecision": "APPROVED"}, {**common, "state": "CLOSED"}]


def _old_commits(owner: str, name: str) -> list[JsonObject]:
    common: JsonObject = {
        "id": f"C_{NUMBER}",
        "url": f"https://github.com/{owner}/{name}/commit/{SHA}",
        "branch": "",
        "author": AUTHOR,
        "message": f"Fix case {NUMBER}{ROUND}",
        "date": MOMENT,
    }
    return [common]


def _old_issues(owner: str, name: str) -> list[JsonObject]:
    common: JsonObject = {
        "id": NUMBER,
        "owner": owner,
        "repo": name,
        "issue_number": ALONE,
        "title": f"Problem {NUMBER}{ROUND}",
        "author": "grace-okafor",
        "author_id": 583_202,
        "state": "open",
        "date_created": MOMENT,
        "date_last_modified": MOMENT,
        "body": "Steps to see it. " * 6,
    }
    return [common, {**common, "state": "closed"}]


DOCUMENTS: Final[dict[SyncModel, Callable[[str, str], list[JsonObject]]]] = {
    "PullRequest": _pull_requests,
    "Commit": _commits,
    "Issue": _issues,
    "GithubPullRequest": _old_pull_requests,
    "GithubCommit": _old_commits,
    "GithubIssue": _old_issues,
}
