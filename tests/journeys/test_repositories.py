"""What may be seen of repositories, read of them and written to them."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.journeys.browser import JSON_CONTENT, Browser, problem_of
from tests.journeys.deployment import Deployment
from tests.journeys.github import GitHub, Repo
from tests.journeys.linking import Linking, signed_in
from tests.journeys.sandbox import Person

pytestmark = [pytest.mark.journey, pytest.mark.postgres]

NOT_FOUND = (404, "repository_not_found", "GitHub did not confirm your access")
LONG_AGO = "UPDATE proofs SET proved_at = proved_at - interval '6 minutes'"


@pytest.fixture
def visitor(browser: Browser, person: Person) -> Linking:
    return signed_in(browser, person)


@pytest.fixture
def repo(visitor: Linking, github: GitHub, attacker: Person) -> Repo:
    """Connect an organisation where the visitor may push, with one that they may not see."""
    organization = github.organization(admins=(attacker,), members=(visitor.person,))
    repo = github.repo(organization, collaborators={visitor.person.login: "push"})
    github.repo(organization)
    github.install(organization)
    visitor.connect(organization)
    return repo


def names(page: dict[str, Any]) -> Sequence[str]:
    return [one["name"] for one in page["repos"]]


def test_they_are_listed_page_by_page_and_by_filter(visitor: Linking, github: GitHub) -> None:
    login = visitor.person.login
    public, private, second = github.repo(login, visibility="public"), github.repo(login), github.repo(login)
    visitor.connect(login)

    first = visitor.get("/repos", limit="2")
    assert names(first) == [public.name, private.name]
    rest = visitor.get("/repos", limit="2", after=first["next"])
    assert (names(rest), rest["next"]) == ([second.name], None)
    installation = str(github.installation_on(login))
    everything = [public.name, private.name, second.name]
    for query, found in [
        ({"visibility": "public"}, [public.name]),
        ({"owner": login}, everything),
        ({"owner": "somebody-else"}, []),
        ({"permission": "admin"}, everything),
        ({"archived": "true"}, []),
        ({"installation": installation}, everything),
        ({"installation": "1"}, []),
        ({"q": second.name.upper()}, [second.name]),
        ({"q": "%"}, []),
    ]:
        assert names(visitor.get("/repos", **query)) == found, query


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "101"},
        {"visibility": "secret"},
        {"permission": "owner"},
        {"installation": "-1"},
        {"installation": "9" * 30},
        {"after": "?"},
        {"after": "LTE"},
        {"q": "\x00"},
        {"owner": "a\x00"},
        {"q": "q" * 201},
    ],
)
def test_a_question_that_cannot_be_meant_is_refused(visitor: Linking, query: dict[str, str]) -> None:
    answer = visitor.ask("/repos", **query)

    assert answer.status_code == 400
    assert problem_of(answer)["status"] == 400


def test_one_is_shown_by_its_number(visitor: Linking, repo: Repo) -> None:
    shown = visitor.get(f"/repos/{repo.id}")

    assert (shown["id"], shown["fullName"], shown["owner"], shown["name"]) == (
        repo.id,
        repo.full_name,
        repo.owner,
        repo.name,
    )
    assert (shown["visibility"], shown["archived"], shown["defaultBranch"]) == ("private", False, "main")
    assert shown["url"].endswith(repo.full_name)
    assert shown["permission"] == "write"


@pytest.mark.parametrize("number", ["1", "0", "-1", "007", str(2**63), "9" * 40, "one", "1%2F2", "%31%30x"])
@pytest.mark.parametrize("more", ["", "/access", "/files/README.md", "/pulls/1"])
def test_unknown_and_impossible_numbers_get_one_answer(visitor: Linking, number: str, more: str) -> None:
    answer = visitor.ask(f"/repos/{number}{more}")

    if more == "/access" and answer.status_code == 200:
        assert answer.json() == {"granted": False, "reason": NOT_FOUND[2]}
        return
    problem = problem_of(answer)
    assert answer.status_code == 404
    assert problem["code"] in {"repository_not_found", "not_found"}


def test_what_is_not_theirs_is_not_found_in_the_same_words_as_what_is_not_there(
    visitor: Linking, github: GitHub, repo: Repo
) -> None:
    hidden = github.repo(repo.owner)
    for one in (hidden.id, 1):
        for more in ("", "/files/README.md", "/pulls/1"):
            answer = visitor.ask(f"/repos/{one}{more}")
            problem = problem_of(answer)
            assert (answer.status_code, problem["code"], problem["detail"]) == NOT_FOUND


def test_nobody_is_asked_without_a_session(latchkey: Deployment, repo: Repo) -> None:
    stranger = latchkey.stranger()

    for path in ("/repos", f"/repos/{repo.id}", f"/repos/{repo.id}/access", "/installations"):
        assert stranger.get(path).status_code == 401


def test_files_are_read_as_they_are(visitor: Linking, github: GitHub, repo: Repo) -> None:
    github.put_file(repo, "docs/first steps #1?.md", "Begin in Malmö.\n")
    shown = visitor.get(f"/repos/{repo.id}/files/docs/first%20steps%20%231%3F.md", ref="main")

    assert (shown["path"], shown["encoding"], shown["content"], shown["size"]) == (
        "docs/first steps #1?.md",
        "utf-8",
        "Begin in Malmö.\n",
        17,
    )


def test_a_file_that_is_not_there_is_not_found(visitor: Linking, repo: Repo) -> None:
    answer = visitor.ask(f"/repos/{repo.id}/files/missing.md")

    assert (answer.status_code, problem_of(answer)["code"]) == (404, "repository_content_not_found")


@pytest.mark.parametrize(
    "path",
    [
        "%2e%2e/%2e%2e/user",
        "docs/%2E%2E/README.md",
        "%252e%252e/user",
        "docs//README.md",
        "docs/",
        "%2FREADME.md",
        "%FF",
        "a%5Cb",
        "a%00b",
        "%2e/README.md",
    ],
)
def test_no_path_leads_out_of_the_repository(visitor: Linking, repo: Repo, path: str) -> None:
    answer = visitor.ask(f"/repos/{repo.id}/files/{path}")

    assert (answer.status_code, problem_of(answer)["code"]) == (400, "invalid_content_path")


def test_a_pull_request_is_shown_as_it_is_on_github(visitor: Linking, github: GitHub, repo: Repo) -> None:
    number = github.open_pull_request(repo, visitor.person)
    shown = visitor.get(f"/repos/{repo.id}/pulls/{number}")

    assert (shown["number"], shown["state"], shown["merged"], shown["author"]) == (
        number,
        "open",
        False,
        visitor.person.login,
    )
    assert shown["changedFiles"] == len(shown["files"])
    for other in (str(number + 1), "0", "1.5", str(2**31)):
        answer = visitor.ask(f"/repos/{repo.id}/pulls/{other}")
        assert (answer.status_code, problem_of(answer)["code"]) == (404, "repository_content_not_found")


def test_a_comment_is_written_through_the_app(visitor: Linking, github: GitHub, repo: Repo) -> None:
    number = github.open_issue(repo, visitor.person)
    answer = visitor.comment(repo, number, "Seen.")

    assert answer.status_code == 201, answer.text
    [written] = github.comments(repo)
    assert (written["id"], written["number"], written["body"]) == (answer.json()["id"], number, "Seen.")


def test_a_comment_asks_github_anew_when_the_proof_is_older_than_five_minutes(
    latchkey: Deployment, visitor: Linking, github: GitHub, repo: Repo
) -> None:
    number = github.open_issue(repo, visitor.person)
    latchkey.rows.change(LONG_AGO)
    assert visitor.comment(repo, number, "Still mine.").status_code == 201

    github.remove_collaborator(repo, visitor.person)
    answer = visitor.comment(repo, number, "Not mine any more.")
    assert answer.status_code == 404
    assert [one["body"] for one in github.comments(repo)] == ["Still mine."]


def test_no_foreign_page_comments(visitor: Linking, github: GitHub, repo: Repo) -> None:
    number = github.open_issue(repo, visitor.person)
    path = f"{visitor.browser.origin}/repos/{repo.id}/issues/{number}/comments"
    for headers in (
        {"Origin": "https://elsewhere.example", **JSON_CONTENT},
        {"Origin": visitor.browser.origin, "Content-Type": "text/plain"},
        JSON_CONTENT,
    ):
        assert visitor.browser.http.post(path, content='{"body":"x"}', headers=headers).status_code == 403
    assert github.comments(repo) == []
