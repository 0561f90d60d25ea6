"""GitHub's settings pages, where owners decide about the App."""

import re

import pytest

from tests.sandbox.stage import Stage
from tests.sandbox.test_install_page import actions, buttons, installed

NORTHWIND = "/organizations/northwind-labs/settings/installations"
TIDEWATER = "/organizations/tidewater-studio/settings/installations"


async def press(stage: Stage, page: str, person: str, action: str, **fields: object) -> None:
    form = {"as": person, "action": action, **fields}
    answer = await stage.http.post(page, data=form)
    assert (answer.status_code, answer.headers["location"]) == (302, f"{page}?as={person}"), answer.text
    assert (await stage.http.get(answer.headers["location"])).status_code == 200


async def test_the_page_asks_who_is_there(stage: Stage) -> None:
    page = (await stage.http.get(NORTHWIND)).text

    assert page.count('name="as"') == 3
    assert buttons(page) == ["Continue"]


@pytest.mark.parametrize(
    "url", [f"{NORTHWIND}?as=grace-okafor", f"{NORTHWIND}?as=sam-lindqvist", f"{TIDEWATER}?as=ada-rivera"]
)
async def test_only_owners_see_the_settings(stage: Stage, url: str) -> None:
    assert (await stage.http.get(url)).status_code == 404
    form = {"as": "grace-okafor", "action": "uninstall"}
    assert (await stage.http.post(NORTHWIND, data=form)).status_code == 404


async def test_an_owner_suspends_unsuspends_and_uninstalls(stage: Stage) -> None:
    assert buttons((await stage.http.get(f"{NORTHWIND}?as=ada-rivera")).text) == ["Save", "Suspend", "Uninstall"]

    await press(stage, NORTHWIND, "ada-rivera", "suspend")
    assert "is suspended" in (await stage.http.get(f"{NORTHWIND}?as=ada-rivera")).text
    await press(stage, NORTHWIND, "ada-rivera", "unsuspend")
    await press(stage, NORTHWIND, "ada-rivera", "uninstall")

    assert await actions(stage) == ["installation suspend", "installation unsuspend", "installation deleted"]
    assert await installed(stage) == {}


async def test_an_owner_changes_what_is_covered(stage: Stage) -> None:
    chosen = {"selection": "selected", "repositories": ["770002", "770003"]}
    await press(stage, NORTHWIND, "ada-rivera", "repositories", **chosen)

    assert (await installed(stage))["northwind-labs"] == [770_002, 770_003]
    nothing = {"as": "ada-rivera", "action": "repositories", "selection": "selected"}
    assert (await stage.http.post(NORTHWIND, data=nothing)).status_code == 422


async def test_an_owner_approves_a_request_with_repositories(stage: Stage) -> None:
    await stage.http.get(
        "/apps/latchkey-sandbox/installations/new?as=ada-rivera&account=tidewater-studio&action=request"
    )
    page = (await stage.http.get(f"{TIDEWATER}?as=sam-lindqvist")).text
    (request,) = re.findall(r'name="request" value="([0-9]+)"', page)
    assert buttons(page) == ["Approve", "Decline"]
    assert "ada-rivera asks for latchkey-sandbox" in page

    chosen = {"selection": "selected", "repositories": ["770011"]}
    await press(stage, TIDEWATER, "sam-lindqvist", "approve", request=request, **chosen)

    assert (await installed(stage))["tidewater-studio"] == [770_011]
    (event,) = await stage.control("GET", "/github/events")
    assert (event["body"]["action"], event["body"]["requester"]["login"]) == ("created", "ada-rivera")


async def test_an_owner_declines_a_request(stage: Stage) -> None:
    await stage.control("POST", "/installation-requests", {"account": "tidewater-studio", "requester": "ada-rivera"})
    (request,) = await stage.control("GET", "/installation-requests")

    await press(stage, TIDEWATER, "sam-lindqvist", "decline", request=request["id"])

    assert await stage.control("GET", "/installation-requests") == []
    assert await actions(stage) == []


async def test_people_have_settings_of_their_own(stage: Stage) -> None:
    page = "/settings/installations"
    assert "Nothing is installed here." in (await stage.http.get(f"{page}?as=sam-lindqvist")).text
    await stage.control("POST", "/installations", {"account": "sam-lindqvist"})

    await press(stage, page, "sam-lindqvist", "uninstall")

    assert "sam-lindqvist" not in await installed(stage)


async def test_the_url_alone_presses_a_button(stage: Stage) -> None:
    await stage.http.get(f"{NORTHWIND}?as=ada-rivera&action=suspend")

    assert await actions(stage) == ["installation suspend"]


@pytest.mark.parametrize("query", ["action=dance", "action=approve&request=1&selection=all", "action=suspend"])
async def test_what_is_not_there_is_a_404(stage: Stage, query: str) -> None:
    assert (await stage.http.get(f"{TIDEWATER}?as=sam-lindqvist&{query}")).status_code == 404
