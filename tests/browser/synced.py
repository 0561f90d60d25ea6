"""Synced data that a page is shown instead of the service's, in documents of the service's own making."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs, urlsplit

import msgspec
from playwright.async_api import Locator, Page, Route

from domain.freshness import Freshness, FreshnessState
from domain.replica import Commit, Issue, PullRequest
from domain.sync import ReplicaKind
from entrypoints.http.freshness import SyncResponse
from entrypoints.http.replica_documents import (
    CommitsResponse,
    IssuesResponse,
    PullRequestsResponse,
    SyncedCommit,
    SyncedIssue,
    SyncedPullRequest,
)
from tests.browser.repositories import RepositoriesVisitor

ASKED: Final = re.compile(r"/repos/\d+(/pulls|/commits|/issues)?(\?.*)?$")
NEVER: Final = Freshness(state=FreshnessState.NEVER, rows=0)
PAGE: Final = 30


@dataclass
class Synced:
    """What is synced of every repository; a test changes it while the page looks."""

    freshness: dict[ReplicaKind, Freshness] = field(default_factory=lambda: dict.fromkeys(ReplicaKind, NEVER))
    pulls: Sequence[PullRequest] = ()
    commits: Sequence[Commit] = ()
    issues: Sequence[Issue] = ()

    async def serve(self, page: Page) -> None:
        await page.route(ASKED, self._answer)

    async def _answer(self, route: Route) -> None:
        url = urlsplit(route.request.url)
        [after] = parse_qs(url.query).get("after", ["0"])
        document = self._document(url.path.rpartition("/")[2], int(after))
        await route.fulfill(content_type="application/json", body=msgspec.json.encode(document))

    def _document(self, kind: str, start: int) -> object:
        end = start + PAGE
        match kind:
            case "pulls":
                pulls = [SyncedPullRequest.of(one) for one in self.pulls[start:end]]
                return PullRequestsResponse(pulls=pulls, next=str(end) if self.pulls[end:] else None)
            case "commits":
                return CommitsResponse(commits=[SyncedCommit.of(one) for one in self.commits], next=None)
            case "issues":
                return IssuesResponse(issues=[SyncedIssue.of(one) for one in self.issues], next=None)
            case _:
                return {"sync": SyncResponse.of(self.freshness)}


@dataclass(frozen=True, slots=True)
class SyncedVisitor(RepositoriesVisitor):
    def open_button(self, full_name: str) -> Locator:
        return self.page.get_by_role("button", name=f"Open {full_name}", exact=True)

    def section(self, title: str) -> Locator:
        return self.page.get_by_role("group").filter(has=self.page.get_by_text(title, exact=True))

    async def unfold(self, title: str) -> Locator:
        section = self.section(title)
        await section.get_by_text(title, exact=True).click()
        return section
