"""GitHub's authorize page, with and without a person in front of it."""

import re

from entrypoints.sandbox.settings import SandboxSettings
from tests.sandbox.stage import Stage, staged


async def authorize_url(stage: Stage) -> str:
    token = await stage.session()
    leaving = await stage.http.get("/oauth/connect/github", params={"connect_session_token": token})
    return leaving.headers["location"]


def form_of(page: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.replace("&amp;", "&")))


async def test_the_page_offers_people_and_two_buttons(stage: Stage) -> None:
    page = (await stage.http.get(await authorize_url(stage))).text

    assert page.count('type="radio"') == 3
    assert page.count(" checked>") == 1
    assert re.findall(r"<button[^>]*>([^<]*)</button>", page) == ["Cancel", "Authorize"]
    assert "no public e-mail" in page


async def test_the_page_needs_nothing_from_elsewhere(stage: Stage) -> None:
    page = (await stage.http.get(await authorize_url(stage))).text

    assert "<script" not in page
    assert not re.findall(r'(?:src|href)="https?:', page)


async def test_authorize_goes_back_as_the_chosen_person(stage: Stage) -> None:
    page = (await stage.http.get(await authorize_url(stage))).text
    form = {**form_of(page), "as": "583202", "decision": "authorize"}

    returning = await stage.http.post("/login/oauth/authorize", data=form)
    await stage.http.get(returning.headers["location"])

    assert returning.status_code == 302
    connections = await stage.control("GET", "/connections")
    assert [connection["person"] for connection in connections] == ["grace-okafor"]


async def test_cancel_denies(stage: Stage) -> None:
    page = (await stage.http.get(await authorize_url(stage))).text

    returning = await stage.http.post("/login/oauth/authorize", data={**form_of(page), "decision": "cancel"})

    assert "error=access_denied" in returning.headers["location"]


async def test_a_login_hint_chooses_the_person(stage: Stage) -> None:
    page = (await stage.http.get(f"{await authorize_url(stage)}&login=sam-lindqvist")).text

    assert 'value="583203" required checked' in page


async def test_nobody_of_that_name_is_a_404(stage: Stage) -> None:
    answer = await stage.http.get(f"{await authorize_url(stage)}&as=nobody")

    assert answer.status_code == 404


async def test_what_comes_from_the_url_is_escaped(stage: Stage) -> None:
    page = (await stage.http.get("/login/oauth/authorize?scope=%3Cscript%3E&state=%22%3E%3Cb%3E")).text

    assert "<script>" not in page
    assert "<b>" not in page


async def test_github_goes_to_the_environments_callback_url() -> None:
    stage = staged(callback_url="http://app.test/oauth/callback")

    url = await authorize_url(stage)
    returning = await stage.http.get(f"{url}&as=ada-rivera")

    assert "redirect_uri=http%3A%2F%2Fapp.test%2Foauth%2Fcallback" in url
    assert returning.headers["location"].startswith("http://app.test/oauth/callback?code=")


async def test_everybody_has_a_picture_served_here(stage: Stage) -> None:
    connection = await stage.log_in()
    headers = {**stage.key, "Connection-Id": connection, "Provider-Config-Key": "github"}
    user = (await stage.http.get("/proxy/user", headers=headers)).json()

    picture = await stage.http.get(user["avatar_url"])

    assert user["avatar_url"].startswith("http://127.0.0.1:3003/")
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert "<svg" in picture.text


def test_settings_do_not_print_their_secrets() -> None:
    settings = SandboxSettings()

    assert settings.secret_key != settings.signing_key
    assert settings.secret_key not in repr(settings)
    assert settings.signing_key not in repr(settings)
