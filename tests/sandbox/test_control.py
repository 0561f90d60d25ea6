"""The control API makes the trouble that it promises."""

from typing import Any

import pytest

from tests.sandbox.stage import Stage, staged


async def test_it_is_up(stage: Stage) -> None:
    assert await stage.control("GET", "/healthz") == {"status": "ok"}


async def test_the_schema_documents_every_control_route(stage: Stage) -> None:
    paths: dict[str, dict[str, Any]] = (await stage.http.get("/__sandbox/schema/openapi.json")).json()["paths"]

    assert len(paths) > 15
    assert all(path.startswith("/__sandbox/") for path in paths)
    assert all(operation["description"] for path in paths.values() for operation in path.values())


async def test_the_seed_has_three_people_one_without_public_email(stage: Stage) -> None:
    people = await stage.control("GET", "/people")

    assert [person["login"] for person in people] == ["ada-rivera", "grace-okafor", "sam-lindqvist"]
    assert [person["email"] for person in people].count(None) == 1


async def test_a_revoked_token_gets_githubs_401_through_the_proxy(stage: Stage) -> None:
    first, second = await stage.log_in(), await stage.log_in()
    await stage.control("POST", f"/connections/{first}/revoke")

    answer = await stage.user(first)

    assert (answer.status_code, answer.json()["message"]) == (401, "Bad credentials")
    assert (await stage.user(second)).status_code == 200


async def test_a_person_takes_back_all_their_authorizations(stage: Stage) -> None:
    connection = await stage.log_in()

    assert await stage.control("POST", "/people/octo-a/revoke") == {"tokens": 1}
    assert (await stage.user(connection)).status_code == 401


async def test_github_keeps_ten_tokens_of_a_person_and_revokes_the_oldest(stage: Stage) -> None:
    connections = [await stage.log_in() for _ in range(11)]

    statuses = [(await stage.user(connection)).status_code for connection in connections]

    assert statuses == [401] + [200] * 10


async def test_a_failing_refresh_blocks_a_connection_until_it_works_again(stage: Stage) -> None:
    await stage.change(token_lifetime_seconds=28_800)
    connection = await stage.log_in()
    await stage.control("POST", f"/connections/{connection}/refresh", {"fails": True, "expires_in_seconds": 60})
    assert (await stage.user(connection)).status_code == 500

    await stage.control("POST", f"/connections/{connection}/refresh", {"fails": False})
    assert (await stage.user(connection)).status_code == 424
    await stage.clock.advance(30)

    assert (await stage.user(connection)).status_code == 200
    listed = (await stage.http.get("/connections", headers=stage.key)).json()["connections"]
    assert listed[0]["errors"] == []


async def test_an_imported_installation_connection_can_be_refreshed(stage: Stage) -> None:
    await stage.import_installation("chosen")
    url = "/connections/chosen?provider_config_key=github-app-oauth"

    first = (await stage.http.get(url, headers=stage.key)).json()
    second = (await stage.http.get(f"{url}&force_refresh=true", headers=stage.key)).json()

    assert first["credentials"]["type"] == "APP"
    assert first["connection_config"]["installation_id"] == "5001"
    assert first["credentials"]["access_token"] != second["credentials"]["access_token"]


async def test_a_renamed_person_keeps_their_id(stage: Stage) -> None:
    connection = await stage.log_in()
    await stage.control("PATCH", "/people/octo-a", {"login": "octo-z"})

    user = (await stage.user(connection)).json()

    assert (user["id"], user["login"]) == (1001, "octo-z")


async def test_a_login_name_passes_to_another_account(stage: Stage) -> None:
    old = await stage.log_in()
    successor = await stage.control("POST", "/people/octo-a/successor")
    new = await stage.log_in()

    assert successor["id"] != 1001
    assert (await stage.user(new)).json()["id"] == successor["id"]
    assert (await stage.user(old)).json()["login"] == "octo-a-1001"


async def test_a_deleted_connection_is_gone_without_a_word(stage: Stage) -> None:
    connection = await stage.log_in()
    sent = len(await stage.bodies())
    await stage.control("DELETE", f"/connections/{connection}")

    answer = await stage.http.get(f"/connections/{connection}?provider_config_key=github", headers=stage.key)

    assert answer.status_code == 404
    assert len(await stage.bodies()) == sent


@pytest.mark.parametrize("endpoint", ["GET /connections", "github GET /user"])
async def test_the_next_calls_of_an_endpoint_fail(stage: Stage, endpoint: str) -> None:
    connection = await stage.log_in()
    await stage.control("POST", "/failures", {"endpoint": endpoint, "times": 2, "status": 502})

    async def status() -> int:
        if endpoint.startswith("github"):
            return (await stage.user(connection)).status_code
        return (await stage.http.get("/connections", headers=stage.key)).status_code

    assert [await status(), await status(), await status()] == [502, 502, 200]


async def test_planned_failures_can_be_called_off(stage: Stage) -> None:
    await stage.control("POST", "/failures", {"endpoint": "GET /connections", "times": 9})
    await stage.control("DELETE", "/failures")

    assert (await stage.http.get("/connections", headers=stage.key)).status_code == 200


async def test_calls_are_counted_by_endpoint_and_bucket(stage: Stage) -> None:
    connection = await stage.log_in()
    await stage.user(connection)

    counts = (await stage.control("GET", "/calls"))["counts"]

    assert counts["POST /connect/sessions"] == {"secret": 1}
    assert counts["GET /oauth/connect/{integration_key}"] == {"connect": 1}
    assert counts["GET /oauth/callback"] == {"public": 1}
    assert counts["GET /proxy/{path}"] == {"secret": 1}
    assert counts["github GET /user"] == {"github": 1}


async def test_the_two_buckets_are_limited_apart(stage: Stage) -> None:
    await stage.change(rate_limit_per_minute=2)
    token = await stage.session()
    await stage.session()

    refused = await stage.http.get("/connections", headers=stage.key)
    browser = await stage.http.get("/oauth/connect/github", params={"connect_session_token": token})

    assert (refused.status_code, browser.status_code) == (429, 302)
    assert refused.headers["retry-after"] == "60"
    await stage.clock.advance(60)
    assert (await stage.http.get("/connections", headers=stage.key)).status_code == 200


async def test_the_rate_limit_can_be_off() -> None:
    stage = staged(rate_limit_per_minute=None)

    answers = [await stage.http.get("/connections?limit=1", headers=stage.key) for _ in range(201)]

    assert {answer.status_code for answer in answers} == {200}


async def test_a_reset_begins_anew(stage: Stage) -> None:
    await stage.log_in()
    await stage.control("POST", "/reset")

    assert await stage.control("GET", "/connections") == []
    assert await stage.control("GET", "/webhooks") == []
    assert len(await stage.control("GET", "/people")) == 3


async def test_unknown_fields_of_a_control_body_are_refused(stage: Stage) -> None:
    answer = await stage.http.put("/__sandbox/webhooks/trouble", json={"dorp": 1})

    assert answer.status_code == 400
