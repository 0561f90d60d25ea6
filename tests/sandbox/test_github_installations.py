"""Which installations and repositories GitHub lists for whom."""

import pytest

from entrypoints.sandbox.github.access import permission_of, reachable
from entrypoints.sandbox.github.model import BasePermission, Repository, Team
from tests.sandbox.github import installed_app, oauth_person, person
from tests.sandbox.stage import Stage

ATLAS, BEACON, HANDBOOK = 770_001, 770_002, 770_003


async def test_an_owner_reaches_all_that_the_installation_covers(stage: Stage) -> None:
    document = await person(stage, "ada-rivera").read("/user/installations/5001/repositories")

    assert document["total_count"] == 2
    assert [one["full_name"] for one in document["repositories"]] == ["northwind-labs/atlas", "northwind-labs/beacon"]
    assert {one["role_name"] for one in document["repositories"]} == {"admin"}
    assert [one["visibility"] for one in document["repositories"]] == ["public", "private"]


async def test_a_member_reaches_what_is_public_and_what_they_were_given(stage: Stage) -> None:
    document = await person(stage, "grace-okafor").read("/user/installations/5001/repositories")

    assert [(one["name"], one["role_name"]) for one in document["repositories"]] == [
        ("atlas", "read"),
        ("beacon", "write"),
    ]


async def test_an_outsider_is_not_shown_what_is_only_public(stage: Stage) -> None:
    del stage.sandbox.world.collaborations[ATLAS, 583_203]
    sam = person(stage, "sam-lindqvist")

    assert (await sam.read("/user/installations"))["total_count"] == 0
    assert await sam.refusal("/user/installations/5001/repositories") == (404, "Not Found")
    assert (await sam.read(f"/repositories/{ATLAS}"))["permissions"]["pull"] is True


async def test_an_invited_outsider_reaches_that_one_repository(stage: Stage) -> None:
    sam = person(stage, "sam-lindqvist")

    (installation,) = (await sam.read("/user/installations"))["installations"]

    assert (installation["id"], installation["account"]["login"]) == (5001, "northwind-labs")
    assert (installation["app_id"], installation["suspended_at"]) == (424_242, None)
    assert installation["permissions"]["issues"] == "write"
    assert await sam.repositories() == ["northwind-labs/atlas"]


async def test_a_base_permission_opens_private_repositories_to_members(stage: Stage) -> None:
    del stage.sandbox.world.collaborations[BEACON, 583_202]
    grace = person(stage, "grace-okafor")
    assert await grace.repositories() == ["northwind-labs/atlas"]

    stage.sandbox.world.accounts[9_100_001].base_permission = "push"

    assert await grace.repositories() == ["northwind-labs/atlas", "northwind-labs/beacon"]


async def test_all_repositories_include_those_made_later(stage: Stage) -> None:
    world = stage.sandbox.world
    world.installations[5001].select("all")
    world.repositories[1] = Repository(id=1, owner_id=9_100_001, name="newborn", private=True)

    listed = await installed_app(stage).read("/installation/repositories")

    assert listed["repository_selection"] == "all"
    assert [one["name"] for one in listed["repositories"]] == ["newborn", "atlas", "beacon", "handbook"]


async def test_ten_thousand_repositories_are_read_page_by_page(stage: Stage) -> None:
    world = stage.sandbox.world
    world.installations[5001].select("all")
    numbers = range(1_000_000, 1_009_997)
    world.repositories |= {one: Repository(id=one, owner_id=9_100_001, name=f"r{one}") for one in numbers}
    ada = person(stage, "ada-rivera")

    found: set[int] = set()
    for page in range(1, 101):
        listed = await ada.read(f"/user/installations/5001/repositories?per_page=100&page={page}")
        assert listed["total_count"] == 10_000
        found |= {one["id"] for one in listed["repositories"]}

    assert len(found) == 10_000


async def test_a_new_installation_may_be_listed_late(stage: Stage) -> None:
    sam = person(stage, "sam-lindqvist")
    await stage.change(installation_delay_seconds=5)
    await stage.control("POST", "/installations", {"account": "sam-lindqvist"})

    assert [one["id"] for one in (await sam.read("/user/installations"))["installations"]] == [5001]
    assert await sam.refusal("/user/installations/5002/repositories") == (404, "Not Found")
    await stage.clock.advance(5)

    assert [one["id"] for one in (await sam.read("/user/installations"))["installations"]] == [5001, 5002]
    assert await sam.repositories(5002) == ["sam-lindqvist/notes", "sam-lindqvist/garden"]


async def test_links_lead_from_page_to_page(stage: Stage) -> None:
    ada = person(stage, "ada-rivera")

    first = await ada.ask("GET", "/user/installations/5001/repositories?per_page=1")
    last = await ada.ask("GET", "/user/installations/5001/repositories?per_page=1&page=2")

    assert 'page=2>; rel="next"' in first.headers["link"]
    assert 'rel="next"' not in last.headers["link"]


async def test_a_suspended_installation_is_listed_and_closed(stage: Stage) -> None:
    stage.sandbox.world.installations[5001].suspended_at = stage.clock.now()
    ada, app = person(stage, "ada-rivera"), installed_app(stage)

    (installation,) = (await ada.read("/user/installations"))["installations"]

    assert installation["suspended_at"] == "2026-01-01T00:00:00Z"
    suspended = (403, "This installation has been suspended")
    assert await ada.refusal("/user/installations/5001/repositories") == suspended
    assert await app.refusal("/installation/repositories") == suspended
    assert await app.refusal(f"/repositories/{ATLAS}") == suspended


async def test_the_token_of_a_deleted_installation_is_worth_nothing(stage: Stage) -> None:
    app = installed_app(stage)
    del stage.sandbox.world.installations[5001]

    assert await app.refusal("/installation/repositories") == (401, "Bad credentials")
    assert await person(stage, "ada-rivera").refusal("/user/installations/5001/repositories") == (404, "Not Found")


async def test_wrong_kinds_of_token_get_githubs_own_words(stage: Stage) -> None:
    app, ada, login = installed_app(stage), person(stage, "ada-rivera"), oauth_person(stage, "ada-rivera")

    of_an_app = "You must authenticate with an access token authorized to a GitHub App in order to list installations"
    for caller in (app, login):
        assert await caller.refusal("/user/installations") == (403, of_an_app)
        assert await caller.refusal("/user/installations/5001/repositories") == (403, of_an_app)
    status, message = await ada.refusal("/installation/repositories")
    assert (status, message.split(" in order")[0]) == (
        403,
        "You must authenticate with an installation access token",
    )
    assert await app.refusal("/user") == (403, "Resource not accessible by integration")


@pytest.mark.parametrize("base", ["none", "pull", "push", "admin"])
@pytest.mark.parametrize("who", [583_201, 583_202, 583_203])
async def test_what_is_listed_is_what_was_given(stage: Stage, base: BasePermission, who: int) -> None:
    world = stage.sandbox.world
    world.accounts[9_100_001].base_permission = base
    world.installations[5001].select("all")
    world.teams[1] = Team(id=1, organization_id=9_100_001, slug="crew", name="Crew", members={who})
    world.teams[1].repositories[HANDBOOK] = "triage"
    internal = Repository(id=1, owner_id=9_100_001, name="within", private=True, internal=True)
    world.repositories[1] = internal

    listed = reachable(world, who, world.installations[5001])

    covered = world.covered(world.installations[5001])
    assert listed == [one for one in covered if permission_of(world, who, one) is not None]
    assert world.repositories[HANDBOOK] in listed
