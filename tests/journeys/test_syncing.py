"""What is on GitHub arrives here by itself, and when somebody asks for it: by Nango's syncs, or without them."""

from collections.abc import Generator
from typing import Any, Final

import pytest

from tests.databases import PostgresServer
from tests.journeys.deployment import Deployment, deployed
from tests.journeys.github import Repo
from tests.journeys.linking import Linking, signed_in
from tests.journeys.waiting import eventually

pytestmark = [pytest.mark.journey, pytest.mark.postgres]

AMOUNT: Final = {"pulls": 7, "commits": 120, "issues": 5}
COUNT: Final = """
    SELECT (SELECT count(*) FROM pull_requests WHERE repository_id = %(id)s) AS pulls,
           (SELECT count(*) FROM commits WHERE repository_id = %(id)s) AS commits,
           (SELECT count(*) FROM issues WHERE repository_id = %(id)s) AS issues
"""
TITLES: Final = """
    SELECT title FROM issues WHERE repository_id = %(id)s
     UNION ALL
    SELECT title FROM pull_requests WHERE repository_id = %(id)s
"""
SOURCES: Final = {
    "nango": {"SYNC_NAMES": "pull_requests,commits,issues"},
    "proxy": {"SYNC_NAMES": "pull_requests,commits,issues", "SYNC_SOURCE": "proxy", "SYNC_REPOSITORIES": "*"},
}


@pytest.fixture(params=SOURCES)
def syncing(
    request: pytest.FixtureRequest, postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Deployment]:
    folder = tmp_path_factory.mktemp(request.param)
    with deployed(postgres_server, folder, **SOURCES[request.param]) as deployment:
        yield deployment


def control(latchkey: Deployment, method: str, path: str, body: object) -> Any:  # noqa: ANN401 - JSON
    answer = latchkey.stranger().request(method, f"{latchkey.sandbox.url}/__sandbox{path}", json=body)
    assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
    return answer.json() if answer.content else None


def ask_for_sync(linking: Linking, repo: Repo) -> tuple[int, Any]:
    origin = linking.browser.origin
    answer = linking.browser.http.post(f"{origin}/repos/{repo.id}/sync", json={}, headers={"Origin": origin})
    return answer.status_code, answer.json()


def test_histories_arrive_by_themselves_and_changes_when_they_are_asked_for(syncing: Deployment) -> None:
    person = syncing.sandbox.newcomer()
    repo = syncing.github.repo(person.login)
    control(syncing, "POST", f"/repositories/{repo.id}/history", AMOUNT)
    linking = signed_in(syncing.browser(), person)

    linking.connect(person.login, repo)

    about = {"id": repo.id}
    eventually(lambda: dict(syncing.rows.read(COUNT, about)[0]) == AMOUNT, "the repository's history")
    control(syncing, "PATCH", f"/repositories/{repo.id}/issues/1", {"title": "Changed since"})
    assert ask_for_sync(linking, repo) == (202, {"asked": ["pulls", "commits", "issues"]})
    assert ask_for_sync(linking, repo)[1]["code"] == "too_often"

    def has_come() -> bool:
        # Nango's webhooks, and what is pulled without one, have their rests.
        syncing.rows.change("UPDATE syncs SET due_at = now() WHERE run_began_at IS NULL")
        return {"title": "Changed since"} in syncing.rows.read(TITLES, about)

    eventually(has_come, "the change")
    assert not [line for text in syncing.logs().values() for line in text.splitlines() if '"warning"' in line]
