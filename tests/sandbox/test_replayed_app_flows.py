"""Recorded connects of the GitHub App: out to its installation page, and back with what the page or a stranger says."""

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.sandbox import app_replays, app_scenes
from tests.sandbox.app_connects import CONNECTS, Recorded
from tests.sandbox.app_scenes import come_back, connect, leave, played, replay, signed
from tests.sandbox.recorded import (
    assert_contains,
    load,
    masked,
    meaning_of_page,
    recorded_call,
    recorded_deliveries,
    recorded_hops,
)
from tests.sandbox.stage import Stage, parsed

SOMEBODY = Recorded("u9", "octo-a", "somebody")


@pytest.mark.parametrize("name", CONNECTS)
async def test_a_recorded_connect_of_the_app_goes_as_recorded(stage: Stage, name: str) -> None:
    await app_replays.BEFORE[name](stage)
    going, page, coming = recorded_hops(name)

    leaving = await leave(stage, CONNECTS[name], going)
    assert leaving.status_code == going.status
    assert masked(leaving.headers["set-cookie"]) == masked(going.answer_headers["set-cookie"])
    assert masked(leaving.headers["location"]) == masked(going.answer_headers["location"])
    assert masked(leaving.headers["location"]).endswith(masked(page.target))

    cookie = {"Cookie": leaving.headers["set-cookie"].split(";")[0]}
    query = dict(parse_qsl(urlsplit(coming.target).query))
    ending = await come_back(stage, CONNECTS[name], leaving, query, cookie)
    assert ending.status_code == coming.status
    assert meaning_of_page(ending.text) == meaning_of_page(coming.answer)
    assert ending.headers["content-type"] == coming.answer_headers["content-type"]


@pytest.mark.parametrize("name", app_replays.EVENTS)
async def test_github_gets_the_recorded_answer_to_its_event(stage: Stage, name: str) -> None:
    call = recorded_call(name)
    await app_replays.EVENTS[name](stage)

    answer = await signed(stage, name)

    assert (answer.status_code, answer.json()) == (call.status, parsed(call.answer))


@pytest.mark.parametrize("name", ["d02_get_connection", "d04_get_connection_refresh_token_true"])
async def test_the_first_recorded_connection_is_as_the_others_but_for_its_jwt(stage: Stage, name: str) -> None:
    """A third outcome of the race, seen once: the person's write came last, made from a config without the JWT."""
    await played("d01_app_install_flow")(stage)
    call = recorded_call(name)

    answer = (await stage.send(call)).json()

    assert_contains(parsed(call.answer), answer)
    assert "refresh_token" in call.target or "ghr_" not in json.dumps(answer)
    del answer["connection_config"]["jwtToken"]
    assert json.loads(masked(json.dumps(answer, separators=(",", ":")))) == json.loads(masked(call.answer))


async def test_github_is_asked_what_was_recorded(stage: Stage) -> None:
    """`d03`: the code's exchange, then the installation's token and the person's name."""
    await replay(stage, "d01_app_install_flow")

    asked = [call.endpoint for call in stage.sandbox.calls.latest if call.bucket == "github"]

    recorded = [f"github {hit['method']} {hit['url']}" for hit in load("d03_github_side_hits")[1:]]
    assert sorted(one.replace("{installation_id}", "5001") for one in asked) == sorted(recorded)


async def test_the_race_ends_in_the_two_recorded_ways(stage: Stage) -> None:
    """`d06`: whoever writes last decides both what is kept and which webhook comes last."""
    ends: set[str] = set()
    for installation_id, loses in (("5001", False), ("5002", True)):
        stage.sandbox.conditions.lose_user_credentials = loses
        stage.sink.received.clear()
        await connect(stage, SOMEBODY, installation_id=installation_id, setup_action="install")
        operations = [json.loads(body)["operation"] for body in await stage.bodies()]
        config = stage.sandbox.nango.connections["github-app-oauth", stage.same["somebody"]].connection_config
        ends.add(f"{operations} {sorted(config)}")

    runs = load("d06_race_user_vs_app_token")

    assert ends == {f"{run['webhook_ops_in_arrival_order']} {run['connection_config_keys']}" for run in runs}


async def test_two_at_once_make_two_connections_of_one_installation(stage: Stage) -> None:
    """`k10`: four webhooks, whose order is nobody's promise."""
    await app_scenes.two_at_once(stage)

    received = [masked(body.decode()) for body in await stage.bodies()]

    assert sorted(received) == sorted(masked(one.body) for one in recorded_deliveries("k10_parallel_webhooks"))
    assert len(stage.sandbox.nango.of_installation("github-app-oauth", "5002")) == 2


async def test_an_integration_tells_its_webhook_url_and_credentials_when_asked(stage: Stage) -> None:
    call = recorded_call("00_get_integration_include")

    answer = await stage.send(call)

    assert answer.status_code == 200
    assert_contains(parsed(call.answer), answer.json())
    integration = answer.json()["data"]
    recorded: Any = parsed(call.answer)
    assert integration.keys() == recorded["data"].keys()
    assert integration["webhook_url"] == recorded["data"]["webhook_url"]
    assert integration["credentials"].keys() == recorded["data"]["credentials"].keys()
    plain = (await stage.http.get("/integrations/github-app-oauth", headers=stage.key)).json()["data"]
    assert {"webhook_url", "credentials"}.isdisjoint(plain)
