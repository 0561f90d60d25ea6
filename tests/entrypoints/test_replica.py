"""The routes of synced data: what they show, page by page, to whoever may see it."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from application.replica.scan_room import ScanRoom
from domain.freshness import SOURCE_FAILED
from domain.replica import Commit, Issue, PullRequest, State
from domain.sync import Run
from tests.builders import ADA
from tests.entrypoints.readers import ACME, Readers, problem_of
from tests.fakes.clock import NOON
from tests.fakes.sync_scopes import StoredScope
from tests.replicated import ROCKET, a_commit, a_pull_request, an_issue, put_in_memory

HOUR: Final = timedelta(hours=1)
PATH: Final = f"/repos/{ROCKET}"
KINDS: Final = ("pulls", "commits", "issues")


class Reading:
    """Ada, who reads `ROCKET`."""

    def __init__(self, readers: Readers, client: TestClient[Litestar]) -> None:
        self.readers, self.client, self._headers = readers, client, readers.headers(ADA)

    def put(self, *items: PullRequest | Issue | Commit) -> None:
        for item in items:
            put_in_memory(self.readers.tables, item)

    def ask(
        self, path: str, query: Mapping[str, str | Sequence[str]] | None = None, known: str | None = None
    ) -> httpx.Response:
        """Ask, and say which tags are known already."""
        condition = {} if known is None else {"If-None-Match": known}
        return self.client.get(f"{PATH}{path}", params=query, headers=self._headers | condition)

    def get(self, path: str, **query: str) -> dict[str, Any]:
        answer = self.ask(path, query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def pages(self, kind: str, name: str, **query: str) -> Sequence[Sequence[Any]]:
        """Follow `next` to the end."""
        page = self.get(f"/{kind}", **query)
        pages = [[one[name] for one in page[kind]]]
        while page["next"] is not None:
            page = self.get(f"/{kind}", after=page["next"], **query)
            pages.append([one[name] for one in page[kind]])
        return pages


@pytest.fixture(scope="module")
def client() -> Generator[tuple[Readers, TestClient[Litestar]]]:
    readers = Readers()
    with TestClient(readers.app) as client:
        yield readers, client


@pytest.fixture
def ada(client: tuple[Readers, TestClient[Litestar]]) -> Reading:
    readers, http = client
    readers.begin_anew()
    return Reading(readers, http)


def test_a_pull_request_is_shown_as_it_was_synced_and_what_is_not_known_is_null(ada: Reading) -> None:
    full = replace(
        a_pull_request(7, "Fly"),
        state=State.CLOSED,
        body="To the moon.",
        author="ada",
        is_draft=False,
        is_merged=True,
        base_ref="main",
        head_ref="moon",
        labels=("rocket",),
        merged_at=NOON,
        url="https://github.test/acme/rocket/pull/7",
    )
    ada.put(full, a_pull_request(8))

    bare, shown = ada.get("/pulls")["pulls"]

    assert {
        name: shown[name] for name in ("number", "title", "body", "author", "state", "draft", "merged", "base")
    } == {
        "number": 7,
        "title": "Fly",
        "body": "To the moon.",
        "author": "ada",
        "state": "closed",
        "draft": False,
        "merged": True,
        "base": "main",
    }
    assert (shown["head"], shown["labels"], shown["mergedAt"]) == ("moon", ["rocket"], "2026-11-21T12:00:00Z")
    assert {bare[name] for name in ("body", "author", "draft", "labels", "mergedAt", "headSha", "url")} == {None}


def test_issues_and_commits_are_shown_as_they_were_synced(ada: Reading) -> None:
    issue = replace(an_issue(3), state_reason="reopened", milestone="Moon", comments=4)
    ada.put(issue, replace(a_commit("a" * 40), author_name="Ada", is_verified=True, parents=("b" * 40,)))

    [shown] = ada.get("/issues")["issues"]
    [commit] = ada.get("/commits")["commits"]

    assert (shown["number"], shown["stateReason"], shown["milestone"], shown["comments"]) == (3, "reopened", "Moon", 4)
    assert (commit["sha"], commit["author"], commit["authorName"], commit["verified"]) == ("a" * 40, None, "Ada", True)
    assert (commit["parents"], commit["branches"]) == (["b" * 40], ["main"])


def test_pages_follow_each_other_to_the_last(ada: Reading) -> None:
    for number in range(1, 6):
        # Two have no date, and two have the same.
        at = [NOON, NOON, NOON - HOUR, None, None][number - 1]
        ada.put(a_pull_request(number), an_issue(number), a_commit("abcde"[number - 1] * 40, at))

    assert ada.pages("pulls", "number", limit="2") == [[5, 4], [3, 2], [1]]
    assert ada.pages("issues", "number", limit="5") == [[5, 4, 3, 2, 1]]
    shas = [[sha[0] for sha in page] for page in ada.pages("commits", "sha", limit="2")]
    assert shas == [["b", "a"], ["c", "e"], ["d"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"state": "open"}, [3, 2]),
        ({"state": "closed"}, [1]),
        ({"author": "ADA"}, [2]),
        ({"label": "Rocket"}, [3]),
        ({"q": "MOON"}, [1]),
        ({"q": ""}, [3, 2, 1]),
        ({"since": "2026-11-21T12:00:00Z"}, [3, 2]),
        ({"until": "2026-11-21T13:00:00+01:00"}, [1]),
        ({"since": "2026-11-21T10:00:00Z", "until": "2026-11-21T12:00:00Z", "state": "closed"}, [1]),
    ],
)
def test_pull_requests_and_issues_are_filtered(ada: Reading, query: dict[str, str], found: list[int]) -> None:
    for make in (a_pull_request, an_issue):
        old, written, labelled = make(1, "To the moon"), make(2), make(3)
        ada.put(replace(old, state=State.CLOSED, updated_at=NOON - HOUR))
        ada.put(replace(written, author="ada"), replace(labelled, labels=("rocket",)))

    for kind in ("pulls", "issues"):
        assert [one["number"] for one in ada.get(f"/{kind}", **query)[kind]] == found


def test_while_too_many_look_through_whole_repositories_only_what_is_looked_up_is_listed(ada: Reading) -> None:
    ada.put(a_pull_request(1))
    scan_room = ada.readers.container.scan_room
    with scan_room.override(ScanRoom(places=0)):  # pyright: ignore[reportUnknownMemberType] - not typed there
        refused = [ada.ask(f"/{kind}", {"q": "fly"}) for kind in KINDS]
        listed = [ada.ask(f"/{kind}").status_code for kind in KINDS]

    assert {problem_of(answer)[:2] for answer in refused} == {(429, "too_often")}
    assert {answer.headers["retry-after"] for answer in refused} == {"2"}
    assert listed == [200, 200, 200]


def test_branches_filter_pull_requests_and_commits(ada: Reading) -> None:
    ada.put(replace(a_pull_request(1), base_ref="main"), replace(a_pull_request(2), head_ref="main"))
    ada.put(
        a_pull_request(3), a_commit("a" * 40), replace(a_commit("b" * 40), branches=("moon",), author_email="a@b.c")
    )

    assert [one["number"] for one in ada.get("/pulls", branch="main")["pulls"]] == [2, 1]
    assert [one["sha"][0] for one in ada.get("/commits", branch="moon", author="A@B.c")["commits"]] == ["b"]


@pytest.mark.parametrize(
    ("kind", "query", "words"),
    [
        ("pulls", {"since": "yesterday"}, "since must be a time with its zone, like 2026-01-31T12:00:00Z"),
        ("commits", {"until": "2026-11-21T12:00:00"}, "until must be a time with its zone"),
        ("issues", {"since": "2026-11-21T12:00:00 01:00"}, "a + in it is sent as %2B"),
        (
            "pulls",
            {"since": "2026-11-22T00:00:00Z", "until": "2026-11-21T00:00:00Z"},
            "since must be earlier than until",
        ),
        ("pulls", {"state": "merged"}, "state must be open or closed"),
        ("pulls", {"after": "?"}, "after must be the `next` of an earlier answer"),
        ("pulls", {"after": "MA"}, "after must be the `next` of an earlier answer"),
        ("commits", {"after": "Nw"}, "after must be the `next` of an earlier answer"),
        ("issues", {"branch": "main"}, "there is no filter `branch` here; there are after, author, label, limit"),
        ("commits", {"state": "open"}, "there is no filter `state` here; there are after, author, branch, limit"),
        ("issues", {"label": ["bug", "help"]}, "label must be there once"),
    ],
)
def test_what_is_wrong_with_a_filter_is_said(
    ada: Reading, kind: str, query: dict[str, str | Sequence[str]], words: str
) -> None:
    status, _, detail = problem_of(ada.ask(f"/{kind}", query))

    assert status == 400
    assert words in detail


@pytest.mark.parametrize(
    "query",
    [{"limit": "0"}, {"limit": "101"}, {"author": "a\x00"}, {"author": ""}, {"q": "q" * 201}, {"after": "M" * 151}],
)
@pytest.mark.parametrize("kind", KINDS)
def test_a_parameter_out_of_bounds_is_named(ada: Reading, kind: str, query: dict[str, str]) -> None:
    answer = ada.ask(f"/{kind}", query)

    assert answer.status_code == 400
    assert [error["key"] for error in answer.json()["errors"]] == list(query)


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_client_has_is_not_sent_again_until_it_changes(ada: Reading, kind: str) -> None:
    ada.put(a_pull_request(1), an_issue(1), a_commit("a" * 40))
    first = ada.ask(f"/{kind}")
    tag = first.headers["etag"]

    again = ada.ask(f"/{kind}", known=tag)
    by_list = ada.ask(f"/{kind}", known=f'"other", W/{tag}')
    by_any = ada.ask(f"/{kind}", known="*")
    by_nonsense = [ada.ask(f"/{kind}", known=one) for one in (f"{tag}junk", f"junk{tag}", f'"a" {tag}', f"{tag}, *")]
    ada.put(a_pull_request(2), an_issue(2), a_commit("b" * 40))
    changed = ada.ask(f"/{kind}", known=tag)

    assert first.headers["content-type"] == "application/json"
    assert tag.startswith('"')
    for answer in (again, by_list, by_any):
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    assert [answer.status_code for answer in by_nonsense] == [200] * 4
    assert (changed.status_code, changed.headers["etag"] != tag) == (200, True)
    assert {answer.headers["cache-control"] for answer in (first, again, changed)} == {"private, no-cache"}


def test_a_copy_of_the_client_is_worth_nothing_once_the_grant_is_gone(ada: Reading) -> None:
    ada.put(a_pull_request(1))
    tag = ada.ask("/pulls").headers["etag"]
    ada.readers.revoke()

    answer = ada.ask("/pulls", known=tag)

    assert problem_of(answer) == (404, "repository_not_found", "GitHub did not confirm your access")
    assert answer.headers["cache-control"] == "no-store"


def test_a_repository_says_how_current_its_data_is(ada: Reading) -> None:
    ada.put(a_pull_request(1), a_pull_request(2))
    ada.readers.sync("GithubPullRequest", run=Run(began_at=NOON, records=30, expected=120))
    ada.readers.sync("GithubCommit", pulled_at=NOON - HOUR)
    ada.readers.sync(
        "GithubIssue",
        pulled_at=NOON - HOUR,
        source_error="403 for the issues",
        source_failed_at=NOON,
        held_deletions=500,
    )

    shown = ada.get("")

    assert shown["id"] == ROCKET
    assert shown["sync"] == {
        "pulls": {
            "state": "pulling",
            "rows": 2,
            "pulledAt": None,
            "lagSeconds": None,
            "error": None,
            "progress": {"records": 30, "expected": 120},
            "heldDeletions": 0,
        },
        "commits": {
            "state": "fresh",
            "rows": 0,
            "pulledAt": "2026-11-21T11:00:00Z",
            "lagSeconds": 3600,
            "error": None,
            "progress": None,
            "heldDeletions": 0,
        },
        "issues": {
            "state": "failed",
            "rows": 0,
            "pulledAt": "2026-11-21T11:00:00Z",
            "lagSeconds": 3600,
            "error": SOURCE_FAILED,
            "progress": None,
            "heldDeletions": 500,
        },
    }


def test_what_an_operator_has_to_change_is_said_where_the_data_is_missed(ada: Reading) -> None:
    ada.readers.tables.sync_scopes[ACME] = StoredScope(due_at=NOON, error="check SYNC_NAMES")

    shown = ada.get("")["sync"]

    assert {one["state"] for one in shown.values()} == {"failed"}
    assert all(one["error"].endswith("and is tried again: check SYNC_NAMES") for one in shown.values())


def test_where_nothing_is_synced_it_says_never(ada: Reading) -> None:
    assert {one["state"] for one in ada.get("")["sync"].values()} == {"never"}


def test_what_is_counted_of_the_whole_installation_is_said_to_be(ada: Reading) -> None:
    document = ada.client.get("/schema/openapi.json").json()

    words = document["paths"]["/repos/{repository_id}"]["get"]["description"]
    assert "`progress` and `heldDeletions` count the whole installation" in words
