"""The App is installed, asked for and approved on GitHub's pages, and Nango makes connections of it."""

import json
from typing import Any

import pytest

from tests.sandbox.stage import Stage, end_user

KEY = "github-app-oauth"
PAGE_OF_OWNERS = "/organizations/tidewater-studio/settings/installations"


async def connect(stage: Stage, automation: str) -> str:
    """Go from Nango to GitHub's page and back, and give the connection's id."""
    token = await stage.session(end_user("u1", allowed_integrations=[KEY]))
    leaving = await stage.http.get(f"/oauth/connect/{KEY}", params={"connect_session_token": token})
    returning = await stage.http.get(f"{leaving.headers['location']}&{automation}")
    finished = await stage.http.get(returning.headers["location"])
    assert finished.status_code == 200, finished.text
    await stage.clock.settle()
    (connection,) = (await stage.http.get("/connections?endUserId=u1", headers=stage.key)).json()["connections"]
    return connection["connection_id"]


async def document_of(stage: Stage, connection_id: str) -> dict[str, Any]:
    answer = await stage.http.get(f"/connections/{connection_id}?provider_config_key={KEY}", headers=stage.key)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def proxied(stage: Stage, connection_id: str, path: str, **headers: str) -> Any:  # noqa: ANN401 - any JSON
    named = {**stage.key, "Connection-Id": connection_id, "Provider-Config-Key": KEY, **headers}
    answer = await stage.http.get(f"/proxy{path}", headers=named)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_an_installation_ends_in_a_connection_with_both_tokens(stage: Stage) -> None:
    connection = await connect(stage, "as=sam-lindqvist&account=tidewater-studio&repositories=harbour,ledger")

    document = await document_of(stage, connection)

    assert document["credentials"]["type"] == "APP"
    assert document["connection_config"]["installation_id"] == "5002"
    listed = await proxied(stage, connection, "/installation/repositories")
    assert [one["name"] for one in listed["repositories"]] == ["harbour", "ledger"]
    mine = f"Bearer {document['connection_config']['userCredentials']['access_token']}"
    proof = await proxied(
        stage, connection, "/user/installations/5002/repositories", **{"Nango-Proxy-Authorization": mine}
    )
    assert [one["role_name"] for one in proof["repositories"]] == ["admin", "admin"]


async def test_a_request_waits_until_an_owner_approves_it(stage: Stage) -> None:
    connection = await connect(stage, "as=ada-rivera&account=tidewater-studio&action=request")
    assert "installation_id" not in (await document_of(stage, connection))["connection_config"]
    assert (await proxied(stage, connection, "/user"))["login"] == "ada-rivera"
    (request,) = await stage.control("GET", "/installation-requests")
    sent = len(await stage.bodies())

    await stage.http.get(
        f"{PAGE_OF_OWNERS}?as=sam-lindqvist&action=approve&request={request['id']}&repositories=ledger"
    )

    assert (await document_of(stage, connection))["connection_config"]["installation_id"] == 5002
    override, forwarded = [json.loads(body) for body in (await stage.bodies())[sent:]]
    assert (override["type"], override["operation"], "endUser" in override) == ("auth", "override", False)
    assert (forwarded["connectionId"], forwarded["payload"]["requester"]["login"]) == (connection, "ada-rivera")
    listed = await proxied(stage, connection, "/installation/repositories")
    assert [one["name"] for one in listed["repositories"]] == ["ledger"]


@pytest.mark.parametrize("end", ["suspend", "uninstall"])
async def test_an_installation_that_ends_is_told_and_refuses(stage: Stage, end: str) -> None:
    connection = await connect(stage, "as=sam-lindqvist&account=tidewater-studio&repositories=all")

    await stage.http.get(f"{PAGE_OF_OWNERS}?as=sam-lindqvist&action={end}")

    told = json.loads((await stage.bodies())[-1])
    assert (told["type"], told["connectionId"]) == ("forward", connection)
    assert told["payload"]["action"] == {"suspend": "suspend", "uninstall": "deleted"}[end]
    named = {**stage.key, "Connection-Id": connection, "Provider-Config-Key": KEY}
    answer = await stage.http.get("/proxy/installation/repositories", headers=named)
    refusal = {"suspend": (403, "This installation has been suspended"), "uninstall": (401, "Bad credentials")}[end]
    assert (answer.status_code, answer.json()["message"]) == refusal


async def test_nango_can_lose_the_persons_token(stage: Stage) -> None:
    await stage.change(lose_user_credentials=True)
    connection = await connect(stage, "as=sam-lindqvist&account=sam-lindqvist&repositories=all")

    assert "userCredentials" not in (await document_of(stage, connection))["connection_config"]
