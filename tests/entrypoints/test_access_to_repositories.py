"""Whatever there is of a repository, over every route: only with a grant, and not a moment longer."""

from collections.abc import Callable, Generator
from typing import Final

import httpx
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute
from litestar.testing import TestClient

from domain.repository import RepositoryId
from tests.entrypoints.readers import SECRET, Readers, problem_of
from tests.replicated import ROCKET, a_commit, a_pull_request, an_issue, put_in_memory

REFUSED: Final = (404, "repository_not_found", "GitHub did not confirm your access")
EXPLAINED: Final = "/repos/{repository_id}/access"
UNKNOWN: Final = RepositoryId(4711)
# A body for the routes that want one, and a file and a number for those that name one.
BODY: Final = {"body": "Seen."}
NAMED: Final = {"{path}": "README.md", "{number}": "1"}
SYNCED: Final = ("/pulls", "/commits", "/issues")


@pytest.fixture(scope="module")
def served() -> Generator[tuple[Readers, TestClient[Litestar]]]:
    readers = Readers()
    with TestClient(readers.app) as client:
        yield readers, client


@pytest.fixture
def readers(served: tuple[Readers, TestClient[Litestar]]) -> Readers:
    readers, _ = served
    readers.begin_anew()
    for repository_id in (ROCKET, SECRET):
        put_in_memory(readers.tables, a_pull_request(1, "Fly", repository_id))
        put_in_memory(readers.tables, an_issue(1, "It does not fly", repository_id))
        put_in_memory(readers.tables, a_commit("a" * 40, repository_id=repository_id))
    return readers


@pytest.fixture
def client(served: tuple[Readers, TestClient[Litestar]]) -> TestClient[Litestar]:
    return served[1]


def nothing(_: Readers) -> None:
    """Leave everything as it is."""


def routes_of(app: Litestar) -> set[tuple[str, str]]:
    """List method and path of whatever there is of a repository."""
    return {
        (str(method), route.path_format)
        for route in app.routes
        if isinstance(route, HTTPRoute) and route.path_format.startswith("/repos/{repository_id}")
        for handler in route.route_handlers
        for method in handler.http_methods - {"OPTIONS"}
    }


def answers_to(readers: Readers, client: TestClient[Litestar], repository_id: int) -> dict[str, httpx.Response]:
    """Have Ada ask by every route."""
    headers, answers = readers.headers(), dict[str, httpx.Response]()
    for method, path in routes_of(readers.app):
        url = path.replace("{repository_id}", str(repository_id))
        for name, value in NAMED.items():
            url = url.replace(name, value)
        assert "{" not in url, f"say in NAMED what stands for the rest of {path}"
        body = BODY if method == "POST" else None
        answers[f"{method} {path}"] = client.request(method, url, headers=headers, json=body)
    return answers


def test_the_routes_are_those_that_are_meant(readers: Readers) -> None:
    assert {f"/repos/{{repository_id}}{kind}" for kind in SYNCED} < {path for _, path in routes_of(readers.app)}


@pytest.mark.parametrize(
    ("asked", "end"),
    [
        (SECRET, nothing),
        (UNKNOWN, nothing),
        (ROCKET, Readers.outlive_proofs),
        (ROCKET, Readers.suspend),
        (ROCKET, Readers.revoke),
    ],
    ids=["a stranger's", "unknown", "proof expired", "installation suspended", "grant gone"],
)
def test_without_a_grant_every_route_gives_one_answer(
    readers: Readers, client: TestClient[Litestar], asked: RepositoryId, end: Callable[[Readers], None]
) -> None:
    end(readers)

    answers = answers_to(readers, client, asked)

    explained = answers.pop(f"GET {EXPLAINED}")
    assert explained.json()["granted"] is False
    assert {problem_of(answer) for answer in answers.values()} == {REFUSED}
    assert len({answer.content for answer in answers.values()}) == 1


def test_only_the_route_that_explains_tells_people_of_their_own_lost_grant(
    readers: Readers, client: TestClient[Litestar]
) -> None:
    strangers = client.get(f"/repos/{SECRET}/access", headers=readers.headers()).json()
    unknown = client.get(f"/repos/{UNKNOWN}/access", headers=readers.headers()).json()
    readers.suspend()
    own = client.get(f"/repos/{ROCKET}/access", headers=readers.headers()).json()

    assert strangers == unknown == {"granted": False, "reason": REFUSED[2]}
    assert own["reason"] == "the installation of the GitHub App on account-5001 is suspended"


@pytest.mark.parametrize("kind", SYNCED)
def test_synced_data_is_there_with_the_grant_and_gone_at_once_without(
    readers: Readers, client: TestClient[Litestar], kind: str
) -> None:
    headers = readers.headers()

    def ask() -> int:
        return client.get(f"/repos/{ROCKET}{kind}", headers=headers).status_code

    before = ask()
    readers.suspend()
    suspended = ask()
    readers.resume()
    resumed = ask()
    readers.revoke()

    assert (before, suspended, resumed, ask()) == (200, 404, 200, 404)


@pytest.mark.parametrize("number", ["0", "-1", "007", str(2**63), "one"])
@pytest.mark.parametrize("kind", SYNCED)
def test_numbers_that_are_none_get_the_same_answer(
    readers: Readers, client: TestClient[Litestar], kind: str, number: str
) -> None:
    assert problem_of(client.get(f"/repos/{number}{kind}", headers=readers.headers())) == REFUSED
