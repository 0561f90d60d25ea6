"""What else Nango was seen to do with the GitHub App, without a recording of it."""

import json
from typing import Any

import pytest

from entrypoints.sandbox.nango.ingress import receive_from_github
from tests.sandbox import app_scenes
from tests.sandbox.app_connects import FIRST, PENDING, REFRESHED, Recorded
from tests.sandbox.app_scenes import come_back, connect, played, settled
from tests.sandbox.stage import Stage

SOMEBODY = Recorded("u9", "octo-a", "somebody")


@pytest.mark.parametrize("trick", ["../installations/5001", "5001/access_tokens?", "5001/access_tokens#"])
async def test_an_installation_id_that_is_a_path_gets_a_known_installation_anew(stage: Stage, trick: str) -> None:
    await played("e01_first_user")(stage)

    answer = await connect(stage, SOMEBODY, installation_id=trick, setup_action="install")

    assert answer.status_code == 200
    assert stage.same["somebody"] != stage.same[FIRST]
    headers = {**stage.key, "Connection-Id": stage.same["somebody"], "Provider-Config-Key": "github-app-oauth"}
    repositories = (await stage.http.get("/proxy/installation/repositories", headers=headers)).json()
    assert repositories["total_count"] == 45


@pytest.mark.parametrize("trick", ["5001/../..", "5001/suspended", "x", "%2e%2e"])
async def test_other_paths_lead_nowhere(stage: Stage, trick: str) -> None:
    answer = await connect(stage, SOMEBODY, installation_id=trick, setup_action="install")

    assert answer.status_code == 400


async def test_a_code_alone_touches_no_other_connection(stage: Stage) -> None:
    await played("e01_first_user")(stage)
    before = await document_of(stage, stage.same[FIRST])

    await connect(stage, SOMEBODY)

    mine = await document_of(stage, stage.same["somebody"])
    assert (mine["credentials"]["type"], mine["connection_config"]["pending"]) == ("OAUTH2", True)
    after = await document_of(stage, stage.same[FIRST])
    assert after["connection_config"] == before["connection_config"]
    assert after["tags"] == before["tags"]


async def test_a_suspended_installation_is_refused_like_a_deleted_one(stage: Stage) -> None:
    await played(app_scenes.installation(5001, suspended=True))(stage)

    answer = await connect(stage, SOMEBODY, **app_scenes.TO_INSTALL)

    assert answer.status_code == 400
    assert [json.loads(body)["success"] for body in await stage.bodies()] == [True]
    assert (await document_of(stage, stage.same["somebody"]))["credentials"]["type"] == "OAUTH2"


async def test_a_user_token_is_lost_when_the_installation_is_refused_after_its_refresh(stage: Stage) -> None:
    """GitHub rotated it, and Nango kept the one that was used up."""
    await played(app_scenes.to_refresh, app_scenes.installation(5001, suspended=True))(stage)
    url = f"/connections/{stage.same[REFRESHED]}?provider_config_key=github-app-oauth&force_refresh=true"
    refused = await stage.http.get(url, headers=stage.key)
    await app_scenes.installation(5001)(stage)

    again = (await stage.http.get(url, headers=stage.key)).json()

    assert refused.status_code == 500
    user_token = again["connection_config"]["userCredentials"]["access_token"]
    assert stage.sandbox.tokens.find(user_token, stage.clock.now()) is None


@pytest.mark.parametrize(
    ("query", "heard"),
    [
        ({"setup_action": "request"}, {"message_type": "success", "is_pending": True}),
        ({"installation_id": "5001"}, {"message_type": "success", "is_pending": False}),
        ({"installation_id": "7777"}, {"message_type": "error", "error_type": "unknown_err"}),
    ],
)
async def test_the_waiting_page_hears_how_it_ended(
    stage: Stage, query: dict[str, str], heard: dict[str, object]
) -> None:
    await settled(stage)
    token = await stage.session(SOMEBODY.session[1])
    with stage.sandbox.audience.listening() as (name, outcome):
        asked = {"connect_session_token": token, "ws_client_id": name}
        leaving = await stage.http.get("/oauth/connect/github-app-oauth", params=asked)

        await come_back(stage, SOMEBODY, leaving, {"code": "", "state": "", **query})

        told = outcome.result()
    assert told["connection_id"] == stage.same["somebody"]
    assert told.items() >= heard.items()


async def test_a_login_name_decides_an_approval_though_it_may_have_passed_to_another(stage: Stage) -> None:
    await played("f01_pending_flow")(stage)
    successor = await stage.control("POST", "/people/octo-p/successor")
    event = {
        "action": "created",
        "installation": {"id": 5003, "app_id": 424242},
        "requester": {"login": "octo-p", "id": successor["id"]},
    }

    status, _ = receive_from_github(stage.sandbox, "github-app-oauth", event, {"X-GitHub-Event": "installation"})

    assert status == 200
    assert (await document_of(stage, stage.same[PENDING]))["connection_config"]["installation_id"] == 5003


async def test_a_connection_imported_without_a_config_cannot_be_refreshed(stage: Stage) -> None:
    body = {
        "provider_config_key": "github-app-oauth",
        "connection_id": "chosen",
        "credentials": {"type": "CUSTOM", "app_id": "424242", "installation_id": "5001"},
        "tags": {"workspace": "w1"},
    }
    imported = await stage.http.post("/connections", headers=stage.key, json=body)
    url = "/connections/chosen?provider_config_key=github-app-oauth"

    answers = [await stage.http.get(f"{url}{more}", headers=stage.key) for more in ("", "&force_refresh=true")]

    assert (imported.status_code, imported.json()["connection_config"]) == (201, {})
    assert [answer.status_code for answer in answers] == [200, 500]
    webhook = json.loads((await stage.bodies())[0])
    assert (webhook["operation"], webhook["tags"]) == ("creation", {"workspace": "w1"})
    assert "endUser" not in webhook


async def test_the_proxy_goes_where_a_path_leads(stage: Stage) -> None:
    """And with the token that the caller puts in place of the connection's."""
    await played("f01_pending_flow")(stage)
    connection_id = stage.same[PENDING]
    headers = {**stage.key, "Connection-Id": connection_id, "Provider-Config-Key": "github-app-oauth"}
    other = stage.sandbox.tokens.issue_for_person(1002, "", stage.clock.now(), 60)
    url = "http://127.0.0.1:3003/proxy/repos/o/r/contents/%2e%2e/%2E./.%2e/%2e%2e/%2e%2e/user"

    mine = await stage.http.get(url, headers=headers)
    theirs = await stage.http.get(url, headers={**headers, "Nango-Proxy-Authorization": f"Bearer {other.value}"})

    assert (mine.json()["login"], theirs.json()["login"]) == ("octo-p", "octo-b")


async def document_of(stage: Stage, connection_id: str) -> dict[str, Any]:
    url = f"/connections/{connection_id}?provider_config_key=github-app-oauth"
    return (await stage.http.get(url, headers=stage.key)).json()
