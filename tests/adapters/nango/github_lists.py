"""GitHub's lists of one repository, behind a proxy."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl

import httpx

from adapters.nango.budget import CallBudget
from adapters.nango.client import NangoClient
from adapters.nango.proxied_records import ProxiedRecords

BEGAN: Final = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
REPOSITORY: Final = 9001
ADA: Final = {"login": "ada", "id": 1815, "type": "User"}
Document = dict[str, Any]


def at(minutes: float) -> str:
    return f"{BEGAN + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"


def conversation(number: int, updated: float = 0, kind: str = "issues", **more: object) -> Document:
    return {
        "id": 1_000_000 + number,
        "number": number,
        "state": "open",
        "title": f"Number {number}",
        "html_url": f"https://github.com/acme/app/{kind}/{number}",
        "created_at": at(number - 100_000),
        "updated_at": at(updated),
        "user": ADA,
        "labels": [{"id": 1, "name": "bug", "color": "ff0000"}],
        "assignees": [ADA],
        "locked": False,
        **more,
    }


def pull(number: int, updated: float = 0, **more: object) -> Document:
    ends = {"head": {"ref": "topic", "sha": "a" * 40}, "base": {"ref": "main", "sha": "b" * 40}}
    return {**conversation(number, updated, "pull"), **ends, "draft": False, "requested_reviewers": [], **more}


def commit(number: int, made: float = 0, **more: object) -> Document:
    who = {"name": "Ada", "email": "ada@example.org", "date": at(made)}
    return {
        "sha": f"{number:040x}",
        "html_url": f"https://github.com/acme/app/commit/{number:040x}",
        "commit": {"message": f"Commit {number}", "author": who, "committer": who},
        "author": ADA,
        "committer": ADA,
        "parents": [{"sha": f"{number - 1:040x}"}],
        **more,
    }


@dataclass
class Lists:
    """Sorted and cut as GitHub does; `with_links` says whether pages name the next one, `refusals` come first."""

    pulls: dict[int, Document] = field(default_factory=dict[int, Document])
    issues: dict[int, Document] = field(default_factory=dict[int, Document])
    commits: list[Document] = field(default_factory=list[Document])
    """The latest first."""
    now: datetime = BEGAN
    with_links: bool = True
    refusals: list[httpx.Response] = field(default_factory=list[httpx.Response])
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list[tuple[str, dict[str, str]]])

    def put(self, *documents: Document) -> None:
        for document in documents:
            (self.pulls if "head" in document else self.issues)[document["number"]] = document

    def port(self) -> ProxiedRecords:
        client = NangoClient(
            http=httpx.MockTransport(self.answer),
            host="http://nango.test",
            secret_key="key",
            budget=CallBudget(calls_per_minute=100_000),
            now=self.now.timestamp,
        )
        return ProxiedRecords(client=client, integration="github-app-oauth")

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix(f"/proxy/repositories/{REPOSITORY}")
        query = dict(parse_qsl(request.url.query.decode()))
        self.asked.append((path, query))
        if self.refusals:
            return self.refusals.pop(0)
        if not path:
            return httpx.Response(200, json={"default_branch": "main"})
        return self._cut(list(self._found(path, query)), int(query["page"]), int(query["per_page"]))

    def _found(self, path: str, query: dict[str, str]) -> Iterable[Document]:
        since = query.get("since", "")
        if path == "/commits":
            return [one for one in self.commits if str(one["commit"]["committer"]["date"]) >= since]
        key = f"{query['sort']}_at"
        listed = self.pulls if path == "/pulls" else self.pulls | self.issues
        found = sorted(listed.values(), key=lambda one: one[key], reverse=query["direction"] == "desc")
        if path == "/pulls":
            return found
        marked: list[Document] = [{**one, "pull_request": {"url": "…"}} if "head" in one else one for one in found]
        return [one for one in marked if one["updated_at"] >= since]

    def _cut(self, found: list[Document], page: int, size: int) -> httpx.Response:
        is_last = len(found) <= page * size
        link = f'<https://api.github.com/repositories/9001/x?per_page={size}&page={page + 1}>; rel="next"'
        back = '<https://api.github.com/repositories/9001/x?page=1>; rel="first"'
        headers = {"Link": back if is_last else f"{link}, {back}"} if self.with_links and len(found) > size else {}
        return httpx.Response(200, headers=headers, json=found[(page - 1) * size : page * size])
