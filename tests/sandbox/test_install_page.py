"""GitHub's page that installs the App, with and without a person in front of it."""

import re
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.sandbox.stage import Stage, staged

PAGE = "/apps/latchkey-sandbox/installations/new"


async def leave(stage: Stage, automation: str) -> dict[str, str]:
    """Go through the page, and give the query of the callback."""
    answer = await stage.http.get(f"{PAGE}?{automation}")
    assert answer.status_code == 302, answer.text
    callback, _, query = answer.headers["location"].partition("?")
    assert callback == stage.sandbox.settings.redirect_uri
    return dict(parse_qsl(query))


async def installed(stage: Stage) -> dict[str, list[int]]:
    return {one["account"]: one["repositories"] for one in await stage.control("GET", "/installations")}


async def actions(stage: Stage) -> list[str]:
    events = await stage.control("GET", "/github/events")
    return [f"{event['event']} {event['body']['action']}" for event in events]


def buttons(page: str) -> list[str]:
    return re.findall(r"<button[^>]*>([^<]*)</button>", page)


def form_of(page: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.replace("&amp;", "&")))


async def test_an_owner_installs_on_everything(stage: Stage) -> None:
    query = await leave(stage, "state=s1&as=sam-lindqvist&account=tidewater-studio&repositories=all")

    assert list(query) == ["code", "installation_id", "setup_action", "state"]
    assert (query["installation_id"], query["setup_action"], query["state"]) == ("5002", "install", "s1")
    assert (await installed(stage))["tidewater-studio"] == [770_010, 770_011, 770_012]
    assert await actions(stage) == ["installation created"]


@pytest.mark.parametrize("chosen", ["770004", "Notes", "770004,770005", "notes, garden"])
async def test_a_person_installs_on_some_of_their_own(stage: Stage, chosen: str) -> None:
    await leave(stage, f"as=sam-lindqvist&account=sam-lindqvist&repositories={chosen}")

    assert (await installed(stage))["sam-lindqvist"] == [770_004, 770_005][: chosen.count(",") + 1]


async def test_who_has_it_already_updates_it(stage: Stage) -> None:
    query = await leave(stage, "state=s&as=ada-rivera&account=northwind-labs&repositories=atlas")

    assert (query["installation_id"], query["setup_action"]) == ("5001", "update")
    assert (await installed(stage))["northwind-labs"] == [770_001]
    assert await actions(stage) == ["installation_repositories removed"]


@pytest.mark.parametrize("automation", ["repositories=all", "action=request"])
async def test_a_plain_member_asks_the_owners(stage: Stage, automation: str) -> None:
    query = await leave(stage, f"state=s&as=ada-rivera&account=tidewater-studio&{automation}")

    assert list(query) == ["code", "setup_action", "state"]
    assert query["setup_action"] == "request"
    (request,) = await stage.control("GET", "/installation-requests")
    assert (request["account"], request["requester"]) == ("tidewater-studio", "ada-rivera")
    assert await actions(stage) == []


async def test_a_plain_member_cannot_install(stage: Stage) -> None:
    answer = await stage.http.get(f"{PAGE}?as=ada-rivera&account=tidewater-studio&repositories=all&action=install")

    assert answer.status_code == 403
    assert "Only an owner" in answer.text
    assert "tidewater-studio" not in await installed(stage)


async def test_without_a_state_there_is_none_on_the_way_back(stage: Stage) -> None:
    query = await leave(stage, "as=sam-lindqvist&account=sam-lindqvist&repositories=all")

    assert list(query) == ["code", "installation_id", "setup_action"]


async def test_the_code_is_the_persons(stage: Stage) -> None:
    query = await leave(stage, "as=grace-okafor&account=grace-okafor&repositories=all")

    code = stage.sandbox.tokens.codes[query["code"]]
    assert (code.person_id, code.request.client_id) == (583_202, stage.sandbox.world.app.client_id)


async def test_it_goes_to_the_environments_callback_url() -> None:
    stage = staged(callback_url="http://app.test/oauth/callback")

    answer = await stage.http.get(f"{PAGE}?as=sam-lindqvist&account=sam-lindqvist&repositories=all")

    assert answer.headers["location"].startswith("http://app.test/oauth/callback?code=")


async def test_a_person_goes_through_the_page_step_by_step(stage: Stage) -> None:
    who = (await stage.http.get(f"{PAGE}?state=s%26%22")).text
    assert who.count('name="as"') == 3
    assert form_of(who) == {"state": "s&&#34;"}

    where = (await stage.http.get(f"{PAGE}?state=s&as=ada-rivera")).text
    assert re.findall(r'name="account" value="([^"]+)"', where) == ["ada-rivera", "northwind-labs", "tidewater-studio"]

    what = (await stage.http.get(f"{PAGE}?state=s&as=ada-rivera&account=ada-rivera")).text
    assert buttons(what) == ["Cancel", "Install"]
    assert what.count('name="repositories"') == 2
    form = {**form_of(what), "selection": "selected", "repositories": ["770006", "770007"], "action": "install"}
    leaving = await stage.http.post(PAGE, data=form)

    query = dict(parse_qsl(urlsplit(leaving.headers["location"]).query))
    assert (leaving.status_code, query["setup_action"], query["state"]) == (302, "install", "s")
    assert (await installed(stage))["ada-rivera"] == [770_006, 770_007]


async def test_the_page_offers_a_member_only_to_ask(stage: Stage) -> None:
    page = (await stage.http.get(f"{PAGE}?as=ada-rivera&account=tidewater-studio")).text

    assert buttons(page) == ["Cancel", "Request"]
    assert "Its owners decide" in page


async def test_the_page_shows_what_is_chosen_already(stage: Stage) -> None:
    page = (await stage.http.get(f"{PAGE}?as=ada-rivera&account=northwind-labs")).text

    assert buttons(page) == ["Cancel", "Save"]
    assert re.findall(r'value="([0-9]+)" checked', page) == ["770001", "770002"]
    assert 'value="selected" required checked' in page


async def test_cancel_installs_nothing_and_goes_nowhere_else(stage: Stage) -> None:
    leaving = await stage.http.post(PAGE, data={"action": "cancel"})

    assert leaving.headers["location"] == "/apps/latchkey-sandbox"
    assert "Install it" in (await stage.http.get("/apps/latchkey-sandbox")).text
    assert list(await installed(stage)) == ["northwind-labs"]


@pytest.mark.parametrize("chosen", ["selection=selected", "repositories=atlas"])
async def test_at_least_one_repository_of_the_account_is_needed(stage: Stage, chosen: str) -> None:
    answer = await stage.http.get(f"{PAGE}?as=sam-lindqvist&account=sam-lindqvist&{chosen}")

    assert answer.status_code == 422
    assert "Choose at least one repository." in answer.text


@pytest.mark.parametrize(
    "url",
    [
        "/apps/another-app/installations/new",
        f"{PAGE}?as=nobody",
        f"{PAGE}?as=northwind-labs",
        f"{PAGE}?as=grace-okafor&account=tidewater-studio&repositories=all",
        f"{PAGE}?as=grace-okafor&account=sam-lindqvist",
    ],
)
async def test_what_is_not_there_or_not_theirs_is_a_404(stage: Stage, url: str) -> None:
    assert (await stage.http.get(url)).status_code == 404


async def test_the_pages_need_nothing_from_elsewhere(stage: Stage) -> None:
    for url in (PAGE, f"{PAGE}?as=ada-rivera", f"{PAGE}?as=ada-rivera&account=ada-rivera"):
        page = (await stage.http.get(url)).text
        assert "<script" not in page
        assert not re.findall(r'(?:src|href)="https?:', page)
