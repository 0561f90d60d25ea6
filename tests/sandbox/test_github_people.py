"""Accounts, memberships, and who may do what with a repository."""

import pytest

from entrypoints.sandbox.github.model import Permission, Team
from tests.sandbox.github import installed_app, oauth_person, person
from tests.sandbox.stage import Stage

ATLAS, BEACON, HANDBOOK, NOTES = 770_001, 770_002, 770_003, 770_004
GRACE, SAM = 583_202, 583_203


async def test_an_account_is_found_by_number_and_by_login_in_any_case(stage: Stage) -> None:
    app = installed_app(stage)

    by_id, by_login = await app.read(f"/user/{GRACE}"), await app.read("/users/GRACE-Okafor")

    assert by_id == by_login
    assert (by_id["id"], by_id["login"], by_id["type"]) == (GRACE, "grace-okafor", "User")
    assert (await app.read("/users/northwind-labs"))["type"] == "Organization"
    assert await app.refusal("/user/1") == (404, "Not Found")
    assert await app.refusal("/users/nobody") == (404, "Not Found")


@pytest.mark.parametrize("address", [f"/repositories/{BEACON}", "/repos/Northwind-Labs/BEACON"])
async def test_a_repository_has_two_addresses(stage: Stage, address: str) -> None:
    document = await installed_app(stage).read(address)

    assert (document["id"], document["full_name"]) == (BEACON, "northwind-labs/beacon")
    assert (document["private"], document["visibility"]) == (True, "private")


async def test_a_former_name_leads_to_the_repository(stage: Stage) -> None:
    world, app = stage.sandbox.world, installed_app(stage)
    world.note_move(world.repositories[BEACON])
    world.repositories[BEACON].name = "lighthouse"

    answer = await app.ask("GET", "/repos/northwind-labs/beacon/collaborators/grace-okafor/permission")

    assert answer.status == 301
    assert answer.headers["location"].endswith(f"/repositories/{BEACON}/collaborators/grace-okafor/permission")
    assert (await app.ask("GET", answer.headers["location"])).status == 200


async def test_what_is_not_covered_is_not_there_for_the_app(stage: Stage) -> None:
    for caller in (installed_app(stage), person(stage, "ada-rivera")):
        assert await caller.refusal(f"/repositories/{HANDBOOK}") == (404, "Not Found")
    assert await oauth_person(stage, "sam-lindqvist").refusal(f"/repositories/{NOTES}") == (404, "Not Found")


@pytest.mark.parametrize(
    ("given", "permission", "role"),
    [
        ("admin", "admin", "admin"),
        ("maintain", "write", "maintain"),
        ("push", "write", "write"),
        ("triage", "read", "triage"),
        ("pull", "read", "read"),
    ],
)
async def test_a_permission_has_an_old_and_a_new_name(
    stage: Stage, given: Permission, permission: str, role: str
) -> None:
    stage.sandbox.world.collaborations[BEACON, GRACE] = given

    document = await installed_app(stage).read(f"/repositories/{BEACON}/collaborators/Grace-Okafor/permission")

    assert (document["permission"], document["role_name"]) == (permission, role)
    assert (document["user"]["id"], document["user"]["login"]) == (GRACE, "grace-okafor")


async def test_a_team_gives_its_members_what_it_has(stage: Stage) -> None:
    team = Team(id=1, organization_id=9_100_001, slug="crew", name="Crew", members={GRACE})
    team.repositories[BEACON] = "maintain"
    stage.sandbox.world.teams[1] = team

    document = await installed_app(stage).read(f"/repositories/{BEACON}/collaborators/grace-okafor/permission")

    assert document["role_name"] == "maintain"


async def test_everybody_may_read_what_is_public_and_nobody_else_what_is_private(stage: Stage) -> None:
    await stage.person("passer-by", 77)
    app = installed_app(stage)

    public = await app.read(f"/repositories/{ATLAS}/collaborators/passer-by/permission")

    assert (public["permission"], public["role_name"]) == ("read", "read")
    assert await app.refusal(f"/repositories/{BEACON}/collaborators/passer-by/permission") == (404, "Not Found")
    nobody = await app.refusal(f"/repositories/{ATLAS}/collaborators/nobody/permission")
    assert nobody == (404, "nobody is not a user")


async def test_a_strangers_permission_may_be_none_in_place_of_a_404(stage: Stage) -> None:
    await stage.change(says_none_for_strangers=True)

    document = await installed_app(stage).read(f"/repositories/{BEACON}/collaborators/sam-lindqvist/permission")

    assert (document["permission"], document["user"]["id"]) == ("none", SAM)


async def test_only_those_who_may_push_ask_for_permissions(stage: Stage) -> None:
    target = f"/repositories/{ATLAS}/collaborators/sam-lindqvist/permission"

    assert (await person(stage, "sam-lindqvist").refusal(target))[0] == 403
    assert (await person(stage, "ada-rivera").read(target))["permission"] == "read"


async def test_the_app_reads_memberships_if_it_may(stage: Stage) -> None:
    app, target = installed_app(stage), "/orgs/northwind-labs/memberships/Ada-Rivera"

    document = await app.read(target)

    assert (document["state"], document["role"], document["user"]["login"]) == ("active", "admin", "ada-rivera")
    assert await app.refusal("/orgs/northwind-labs/memberships/sam-lindqvist") == (404, "Not Found")
    refused = (403, "Resource not accessible by integration")
    assert await app.refusal("/orgs/tidewater-studio/memberships/ada-rivera") == refused
    stage.sandbox.world.installations[5001].permissions.pop("members")
    assert await app.refusal(target) == refused


async def test_a_person_reads_their_own_membership(stage: Stage) -> None:
    ada = person(stage, "ada-rivera")

    assert (await ada.read("/user/memberships/orgs/tidewater-studio"))["role"] == "member"
    assert await person(stage, "grace-okafor").refusal("/user/memberships/orgs/tidewater-studio") == (404, "Not Found")
    assert (await installed_app(stage).refusal("/user/memberships/orgs/northwind-labs"))[0] == 403
