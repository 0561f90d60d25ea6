"""What happens on GitHub is told to the App, by way of Nango."""

import hashlib
import hmac
import json
from typing import Any

import pytest

from entrypoints.sandbox.wire import compact_json
from tests.sandbox.github import installed_app, person
from tests.sandbox.stage import Stage

ORGANIZATION, ATLAS, BEACON, HANDBOOK = "/organizations/northwind-labs", 770_001, 770_002, 770_003

Step = tuple[str, str, Any]

HAPPENINGS: dict[str, tuple[list[Step], list[str]]] = {
    "an installation": (
        [("POST", "/installations", {"account": "tidewater-studio", "by": "sam-lindqvist"})],
        ["installation created"],
    ),
    "an uninstallation": ([("DELETE", "/installations/5001", None)], ["installation deleted"]),
    "a suspension and its end": (
        [("POST", "/installations/5001/suspend", {}), ("POST", "/installations/5001/unsuspend", {})],
        ["installation suspend", "installation unsuspend"],
    ),
    "accepted permissions": (
        [("PUT", "/installations/5001/permissions", {"permissions": {"metadata": "read"}})],
        ["installation new_permissions_accepted"],
    ),
    "another selection": (
        [("PUT", "/installations/5001/repositories", {"repositories": ["atlas", HANDBOOK]})],
        ["installation_repositories added", "installation_repositories removed"],
    ),
    "everything selected": (
        [("PUT", "/installations/5001/repositories", {"repositories": "all"})],
        ["installation_repositories added"],
    ),
    "a renamed repository": ([("PATCH", f"/repositories/{ATLAS}", {"name": "maps"})], ["repository renamed"]),
    "a repository hidden and shown": (
        [
            ("PATCH", f"/repositories/{ATLAS}", {"visibility": "private"}),
            ("PATCH", f"/repositories/{ATLAS}", {"visibility": "internal"}),
            ("PATCH", f"/repositories/{ATLAS}", {"visibility": "public"}),
        ],
        ["repository privatized", "repository edited", "repository publicized"],
    ),
    "a repository archived and unarchived": (
        [
            ("PATCH", f"/repositories/{ATLAS}", {"archived": True}),
            ("PATCH", f"/repositories/{ATLAS}", {"archived": False}),
        ],
        ["repository archived", "repository unarchived"],
    ),
    "another default branch": (
        [("PATCH", f"/repositories/{ATLAS}", {"default_branch": "trunk"})],
        ["repository edited"],
    ),
    "a transferred repository": (
        [("POST", f"/repositories/{ATLAS}/transfer", {"owner": "grace-okafor"})],
        ["repository transferred", "installation_repositories removed"],
    ),
    "a repository transferred to where the App has everything": (
        [
            ("POST", "/installations", {"account": "grace-okafor"}),
            ("POST", f"/repositories/{HANDBOOK}/transfer", {"owner": "grace-okafor"}),
        ],
        ["installation created", "repository transferred", "installation_repositories added"],
    ),
    "a deleted repository": (
        [("DELETE", f"/repositories/{ATLAS}", None)],
        ["repository deleted", "installation_repositories removed"],
    ),
    "a new repository where the App has everything": (
        [
            ("PUT", "/installations/5001/repositories", {"repositories": "all"}),
            ("POST", "/repositories", {"owner": "northwind-labs", "name": "newborn"}),
        ],
        ["installation_repositories added", "repository created", "installation_repositories added"],
    ),
    "what the App does not cover": (
        [
            ("PATCH", f"/repositories/{HANDBOOK}", {"name": "rules"}),
            ("POST", "/repositories", {"owner": "northwind-labs", "name": "newborn"}),
            ("PUT", f"/repositories/{HANDBOOK}/collaborators/sam-lindqvist", {}),
        ],
        [],
    ),
    "a collaborator": (
        [
            ("PUT", f"/repositories/{BEACON}/collaborators/sam-lindqvist", {"permission": "pull"}),
            ("PUT", f"/repositories/{BEACON}/collaborators/sam-lindqvist", {"permission": "push"}),
            ("DELETE", f"/repositories/{BEACON}/collaborators/sam-lindqvist", None),
        ],
        ["member added", "member edited", "member removed"],
    ),
    "a member": (
        [
            ("PUT", f"{ORGANIZATION}/members/sam-lindqvist", {}),
            ("PUT", f"{ORGANIZATION}/members/sam-lindqvist", {"role": "admin"}),
            ("DELETE", f"{ORGANIZATION}/members/sam-lindqvist", None),
        ],
        ["organization member_added", "organization member_removed"],
    ),
    "a team": (
        [
            ("POST", f"{ORGANIZATION}/teams", {"name": "Night Crew", "members": ["grace-okafor"]}),
            ("PUT", f"{ORGANIZATION}/teams/night-crew/repositories/{BEACON}", {"permission": "pull"}),
            ("PUT", f"{ORGANIZATION}/teams/night-crew/members/ada-rivera", None),
            ("DELETE", f"{ORGANIZATION}/teams/night-crew/members/ada-rivera", None),
            ("DELETE", f"{ORGANIZATION}/teams/night-crew/repositories/{BEACON}", None),
            ("DELETE", f"{ORGANIZATION}/members/grace-okafor", None),
            ("DELETE", f"{ORGANIZATION}/teams/night-crew", None),
        ],
        [
            "membership added",
            "team added_to_repository",
            "membership added",
            "membership removed",
            "team removed_from_repository",
            "membership removed",
            "organization member_removed",
            "team deleted",
        ],
    ),
    "a renamed organisation": (
        [("PATCH", ORGANIZATION, {"login": "southwind-labs"})],
        ["organization renamed", "installation_target renamed"],
    ),
    "a renamed person with the App": (
        [
            ("POST", "/installations", {"account": "sam-lindqvist", "repositories": ["notes"]}),
            ("PATCH", "/people/sam-lindqvist", {"login": "samuel"}),
        ],
        ["installation created", "installation_target renamed"],
    ),
    "authorizations taken back": (
        [("POST", "/people/grace-okafor/revoke", None)],
        ["github_app_authorization revoked"],
    ),
    "a request declined": (
        [
            ("POST", "/installation-requests", {"account": "tidewater-studio", "requester": "ada-rivera"}),
            ("POST", "/installation-requests/80001/decline", None),
        ],
        [],
    ),
    "a request approved": (
        [
            ("POST", "/installation-requests", {"account": "tidewater-studio", "requester": "ada-rivera"}),
            ("POST", "/installation-requests/80001/approve", {"repositories": ["harbour"]}),
        ],
        ["installation created"],
    ),
    "a request approved where the App is": (
        [
            ("POST", "/installation-requests", {"account": "northwind-labs", "requester": "grace-okafor"}),
            ("POST", "/installation-requests/80001/approve", {"repositories": ["handbook"]}),
        ],
        ["installation_repositories added"],
    ),
}


async def happen(stage: Stage, steps: list[Step]) -> list[dict[str, Any]]:
    for method, path, body in steps:
        await stage.control(method, path, body)
    return await stage.control("GET", "/github/events")


@pytest.mark.parametrize("name", HAPPENINGS)
async def test_the_app_is_told_in_turn(stage: Stage, name: str) -> None:
    steps, expected = HAPPENINGS[name]

    events = await happen(stage, steps)

    assert [f"{event['event']} {event['body']['action']}" for event in events] == expected
    assert {event["status"] for event in events} <= {200}
    assert len(await stage.bodies()) == len(expected)


async def test_an_event_is_signed_and_reaches_the_app_of_a_connection(stage: Stage) -> None:
    await stage.import_installation("chosen")
    already = len(await stage.bodies())
    (event,) = await happen(stage, [("PATCH", f"/repositories/{ATLAS}", {"name": "maps"})])
    await stage.clock.settle()

    received = stage.sink.received[already]

    forwarded = json.loads(received.body)
    assert (forwarded["type"], forwarded["connectionId"]) == ("forward", "chosen")
    assert forwarded["payload"] == event["body"]
    assert forwarded["payload"]["repository"]["full_name"] == "northwind-labs/maps"
    assert forwarded["payload"]["changes"] == {"repository": {"name": {"from": "atlas"}}}
    headers = received.request.headers
    assert (headers["x-github-event"], headers["x-github-delivery"]) == ("repository", event["guid"])
    assert headers["x-github-hook-installation-target-type"] == "integration"
    key, body = stage.sandbox.hook_secret.encode(), compact_json(event["body"])
    assert headers["x-hub-signature-256"] == f"sha256={hmac.new(key, body, hashlib.sha256).hexdigest()}"
    assert headers["user-agent"].startswith("nango/")


async def test_an_approval_names_who_asked(stage: Stage) -> None:
    steps, _ = HAPPENINGS["a request approved"]

    (event,) = await happen(stage, steps)

    assert event["body"]["requester"]["login"] == "ada-rivera"
    assert event["body"]["sender"]["login"] == "sam-lindqvist"
    assert event["body"]["installation"]["account"]["login"] == "tidewater-studio"
    assert [one["full_name"] for one in event["body"]["repositories"]] == ["tidewater-studio/harbour"]
    assert await stage.control("GET", "/installation-requests") == []


async def test_a_direct_installation_answers_those_who_asked(stage: Stage) -> None:
    await stage.control("POST", "/installation-requests", {"account": "tidewater-studio", "requester": "ada-rivera"})

    (event,) = await happen(stage, [("POST", "/installations", {"account": "tidewater-studio"})])

    assert event["body"]["requester"] is None
    assert await stage.control("GET", "/installation-requests") == []


async def test_a_suspended_installation_hears_only_of_itself(stage: Stage) -> None:
    steps: list[Step] = [
        ("POST", "/installations/5001/suspend", {}),
        ("PATCH", f"/repositories/{ATLAS}", {"name": "maps"}),
        ("PUT", f"{ORGANIZATION}/members/sam-lindqvist", {}),
    ]

    events = await happen(stage, steps)

    assert [event["event"] for event in events] == ["installation"]


async def test_events_can_be_dropped_before_they_are_sent(stage: Stage) -> None:
    await stage.change(drop_github_events=True)
    (event,) = await happen(stage, [("DELETE", "/installations/5001", None)])

    assert event["status"] is None
    assert await stage.bodies() == []


async def test_an_event_can_be_sent_again(stage: Stage) -> None:
    await stage.change(drop_github_events=True)
    (event,) = await happen(stage, [("DELETE", "/installations/5001", None)])
    await stage.change(drop_github_events=False)

    again = await stage.control("POST", f"/github/events/{event['number']}/redeliver")

    assert again["status"] == 200
    assert [json.loads(body)["action"] for body in await stage.bodies()] == ["deleted"]


async def test_whoever_leaves_an_organisation_loses_what_they_had_there(stage: Stage) -> None:
    grace = person(stage, "grace-okafor")
    await stage.control("DELETE", f"{ORGANIZATION}/members/grace-okafor")

    assert (await grace.read("/user/installations"))["total_count"] == 0


async def test_a_transferred_repository_leaves_the_installation(stage: Stage) -> None:
    await stage.control("POST", f"/repositories/{BEACON}/transfer", {"owner": "sam-lindqvist"})

    listed = await installed_app(stage).read("/installation/repositories")
    assert [one["name"] for one in listed["repositories"]] == ["atlas"]
    assert (await stage.control("GET", f"/repositories/{BEACON}"))["full_name"] == "sam-lindqvist/beacon"
