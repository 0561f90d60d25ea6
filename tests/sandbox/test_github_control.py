"""The control API changes GitHub for a test."""

import pytest

from tests.sandbox.github import installed_app, oauth_person, person
from tests.sandbox.stage import Stage

ATLAS, BEACON = 770_001, 770_002


async def test_an_organisation_is_made_with_its_people_repositories_and_app(stage: Stage) -> None:
    await stage.control("POST", "/people", {"login": "kim", "id": 42})
    members = {"kim": "admin", "grace-okafor": "member"}
    made = await stage.control("POST", "/organizations", {"login": "acme", "id": 9, "members": members})
    repositories = await stage.control(
        "POST", "/repositories", {"owner": "acme", "name": "engine", "collaborators": {"grace-okafor": "triage"}}
    )
    installation = await stage.control("POST", "/installations", {"account": "acme", "id": 6001, "by": "kim"})

    assert made["members"] == members
    assert installation["repositories"] == repositories["ids"]
    assert await person(stage, "kim").repositories(6001) == ["acme/engine"]
    assert await person(stage, "grace-okafor").repositories(6001) == ["acme/engine"]


async def test_ten_thousand_repositories_are_made_at_once(stage: Stage) -> None:
    await stage.control("PUT", "/installations/5001/repositories", {"repositories": "all"})

    made = await stage.control("POST", "/repositories", {"owner": "northwind-labs", "name": "r", "count": 10_000})

    assert len(made["ids"]) == 10_000
    listed = await installed_app(stage).read("/installation/repositories?per_page=1&page=10003")
    assert (listed["total_count"], listed["repositories"][0]["name"]) == (10_003, "r-10000")


async def test_the_world_can_be_read_back(stage: Stage) -> None:
    organizations = await stage.control("GET", "/organizations")
    repositories = await stage.control("GET", "/repositories?owner=northwind-labs")
    installations = await stage.control("GET", "/installations")

    assert [one["login"] for one in organizations] == ["northwind-labs", "tidewater-studio"]
    assert organizations[1]["members"] == {"sam-lindqvist": "admin", "ada-rivera": "member"}
    assert repositories[0]["full_name"] == "northwind-labs/atlas"
    assert repositories[1]["collaborators"] == {"grace-okafor": "push"}
    assert [(one["id"], one["repositories"]) for one in installations] == [(5001, [ATLAS, BEACON])]


async def test_another_account_takes_over_a_login(stage: Stage) -> None:
    successor = await stage.control("POST", "/people/grace-okafor/successor")
    app = installed_app(stage)

    assert (await app.read("/users/grace-okafor"))["id"] == successor["id"]
    assert (await app.read("/user/583202"))["login"] == "grace-okafor-583202"
    target = f"/repositories/{BEACON}/collaborators/grace-okafor/permission"
    assert await app.refusal(target) == (404, "Not Found")


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/organizations", {"login": "Ada-Rivera"}, 409),
        ("POST", "/people", {"login": "northwind-labs"}, 409),
        ("PATCH", "/organizations/northwind-labs", {"login": "sam-lindqvist"}, 409),
        ("PATCH", "/organizations/ada-rivera", {"login": "x"}, 404),
        ("POST", "/repositories", {"owner": "northwind-labs", "name": "Atlas"}, 409),
        ("POST", "/repositories", {"owner": "northwind-labs", "name": "new", "id": ATLAS}, 409),
        ("POST", "/installations", {"account": "northwind-labs"}, 409),
        ("POST", "/installations", {"account": "tidewater-studio", "repositories": ["atlas"]}, 422),
        ("POST", "/installations", {"account": "nobody"}, 404),
        ("DELETE", "/installations/1", None, 404),
        ("GET", "/repositories/1", None, 404),
        ("DELETE", "/organizations/northwind-labs/teams/none", None, 404),
        ("POST", "/installation-requests/1/decline", None, 404),
        ("POST", "/github/events/1/redeliver", None, 404),
    ],
)
async def test_what_cannot_be_is_refused(
    stage: Stage, method: str, path: str, body: dict[str, object] | None, status: int
) -> None:
    answer = await stage.http.request(method, f"/__sandbox{path}", json=body)

    assert answer.status_code == status, answer.text


async def test_the_primary_limit_says_when_it_resets(stage: Stage) -> None:
    app = installed_app(stage)
    await stage.control("PUT", "/github/limit", {"kind": "primary", "seconds": 90})

    answer = await app.ask("GET", "/installation/repositories")

    assert answer.status == 403
    assert b"API rate limit exceeded for installation ID 5001." in answer.body
    assert answer.headers["x-ratelimit-remaining"] == "0"
    assert int(answer.headers["x-ratelimit-reset"]) == int(stage.clock.now().timestamp()) + 90
    await stage.clock.advance(90)
    assert (await app.ask("GET", "/installation/repositories")).status == 200


@pytest.mark.parametrize("status", [403, 429])
async def test_the_secondary_limit_says_how_long_to_wait(stage: Stage, status: int) -> None:
    ada = person(stage, "ada-rivera")
    await stage.control("PUT", "/github/limit", {"kind": "secondary", "status": status, "seconds": 30})

    answer = await ada.ask("GET", "/user")

    assert (answer.status, answer.headers["retry-after"]) == (status, "30")
    assert b"secondary rate limit" in answer.body
    await stage.control("DELETE", "/github/limit")
    assert (await ada.ask("GET", "/user")).status == 200


async def test_a_permission_can_be_lost_everywhere(stage: Stage) -> None:
    app, target = installed_app(stage), "/orgs/northwind-labs/memberships/ada-rivera"
    await stage.change(withheld_permissions=["members"])

    assert await app.refusal(target) == (403, "Resource not accessible by integration")
    await stage.change(withheld_permissions=[])
    assert (await app.read(target))["role"] == "admin"


@pytest.mark.parametrize("endpoint", ["/repositories/{repository_id}", f"/repositories/{ATLAS}"])
async def test_a_failure_is_planned_for_one_repository_or_for_any(stage: Stage, endpoint: str) -> None:
    await stage.control("POST", "/failures", {"endpoint": f"github GET {endpoint}", "status": 502})
    app = installed_app(stage)

    assert [(await app.ask("GET", f"/repositories/{ATLAS}")).status for _ in range(2)] == [502, 200]
    counts = (await stage.control("GET", "/calls"))["counts"]
    assert counts["github GET /repositories/{repository_id}"] == {"github": 2}


async def test_what_people_authorized_is_taken_back(stage: Stage) -> None:
    app_token, login_token = person(stage, "sam-lindqvist"), oauth_person(stage, "sam-lindqvist")

    assert await stage.control("POST", "/people/sam-lindqvist/revoke") == {"tokens": 2}

    for caller in (app_token, login_token):
        assert await caller.refusal("/user") == (401, "Bad credentials")
