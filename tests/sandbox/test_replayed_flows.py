"""Recorded browser flows: out to GitHub and back, hop by hop."""

import pytest

from tests.sandbox import scenes
from tests.sandbox.recorded import Call, load, masked, meaning_of_page, recorded_call, recorded_hops
from tests.sandbox.scenes import Scene, has_session
from tests.sandbox.stage import Stage, end_user

TOKEN_ENDPOINT = "github POST /login/oauth/access_token"

B03 = has_session("34bf8960957b15b10143b86c4ce0fc9e48fcf41d9aa65041e1046c28f42faf54")


def own_session(name: str) -> Scene:
    """Give the recorded flow a session of its own."""
    return has_session(recorded_hops(name)[0].target.rsplit("_", 1)[1])


async def begun_and_used(stage: Stage) -> None:
    await B03(stage)
    await stage.finish(next(iter(stage.same.values())))


async def expiring_tokens(stage: Stage) -> None:
    await stage.change(token_lifetime_seconds=28_800)
    await own_session("p01_github_login_with_github_app_client")(stage)


async def broken_token_endpoint(stage: Stage) -> None:
    await stage.control("POST", "/failures", {"endpoint": TOKEN_ENDPOINT, "status": 500})
    await own_session("p05_token_500")(stage)


async def reconnect_of_another(stage: Stage, name: str) -> None:
    await stage.person("octo-b", 1002)
    known = await stage.log_in(end_user("rc1"), scenes.RECONNECTED)
    token = await stage.session({"connection_id": known, "integration_id": "github"}, "/connect/sessions/reconnect")
    recorded = recorded_hops(name)[0].target.split("=")[1]
    stage.same[recorded] = token


FLOWS: dict[str, Scene] = {
    "b03_github_login_flow": B03,
    "b07_session_token_reused": begun_and_used,
    "p01_github_login_with_github_app_client": expiring_tokens,
    "p05_token_500": broken_token_endpoint,
    "h21_reconnect_flow": lambda stage: reconnect_of_another(stage, "h21_reconnect_flow"),
    "h23_flow": lambda stage: reconnect_of_another(stage, "h23_flow"),
    "h24_reconnect_denied_flow": lambda stage: reconnect_of_another(stage, "h24_reconnect_denied_flow"),
    **{
        name: own_session(name)
        for name in (
            "b08_tags_only_flow",
            "b09_full_flow",
            "b10_second_login_same_end_user",
            "b11_denied",
            "b12_bad_code",
            "b16_no_state_cookie",
            "b19_webhook_override_flow",
        )
    },
}


@pytest.mark.parametrize("name", FLOWS)
async def test_a_recorded_flow_goes_as_recorded(stage: Stage, name: str) -> None:
    await stage.person()
    await FLOWS[name](stage)
    connect, authorize, callback = recorded_hops(name)

    leaving = await stage.send(connect)
    assert leaving.status_code == connect.status
    assert masked(leaving.headers["set-cookie"]) == masked(connect.answer_headers["set-cookie"])
    assert masked(leaving.headers["location"]) == masked(connect.answer_headers["location"])
    assert masked(leaving.text) == masked(connect.answer)

    denies = "access_denied" in authorize.answer_headers["location"]
    returning = await stage.http.get(leaving.headers["location"] + ("&deny=1" if denies else "&as=octo-a"))
    assert returning.status_code == authorize.status
    assert masked(returning.headers["location"]) == masked(authorize.answer_headers["location"])

    url = returning.headers["location"]
    with_cookie = {"Cookie": leaving.headers["set-cookie"].split(";")[0]} if "Cookie" in callback.headers else {}
    ending = await stage.http.get(
        url.replace("code_", "bad_") if "bad_" in callback.target else url, headers=with_cookie
    )
    assert ending.status_code == callback.status
    assert meaning_of_page(ending.text) == meaning_of_page(callback.answer)
    assert ending.headers["content-type"] == callback.answer_headers["content-type"]


async def callback_of(stage: Stage, call: Call) -> tuple[int, tuple[bool, str]]:
    answer = await stage.send(call)
    return answer.status_code, meaning_of_page(answer.text)


def recorded_ending(name: str) -> tuple[Call, tuple[int, tuple[bool, str]]]:
    call = recorded_call(name)
    return call, (call.status, meaning_of_page(call.answer))


async def begin(stage: Stage, name: str) -> None:
    """Log in up to GitHub's answer, whose code and state stand for the recorded ones."""
    token = await stage.session(end_user("m"))
    stage.same["m-session"] = token
    mine = await stage.authorize(token)
    stage.same[recorded_call(name).target.split("?")[1]] = mine.split("?")[1]


async def test_a_state_serves_only_once(stage: Stage) -> None:
    call, expected = recorded_ending("b15_state_replay")
    await begin(stage, "b15_state_replay")
    first = await stage.send(call)
    assert first.status_code == 200

    assert await callback_of(stage, call) == expected


async def test_a_session_deleted_on_the_way_does_not_stop_the_connect(stage: Stage) -> None:
    call, expected = recorded_ending("m04_callback_after_session_deleted")
    await begin(stage, "m04_callback_after_session_deleted")
    await stage.http.delete("/connect/session", headers={"Authorization": f"Bearer {stage.same['m-session']}"})

    assert await callback_of(stage, call) == expected

    await stage.clock.settle()
    body = stage.sink.received[0].body
    assert b'"endUser"' not in body
    assert b'"tags":{}' in body


async def test_a_session_expired_on_the_way_does_no_harm(stage: Stage) -> None:
    call, expected = recorded_ending("m06_callback_after_token_expired")
    await begin(stage, "m06_callback_after_token_expired")
    await stage.control("POST", "/connect-sessions/expire", {})

    assert await callback_of(stage, call) == expected


@pytest.mark.parametrize("alias", ["payload", "customField"])
async def test_a_state_may_go_by_other_names(stage: Stage, alias: str) -> None:
    url = await stage.authorize(await stage.session())

    answer = await stage.http.get(url.replace("state=", f"{alias}="))

    assert answer.status_code == 200


async def test_a_browser_can_put_in_its_own_oauth_client(stage: Stage) -> None:
    await stage.person()
    token = await stage.session()
    query = {
        "connect_session_token": token,
        "credentials[oauth_client_id_override]": "Iv1.stranger",
        "credentials[oauth_client_secret_override]": "strange",
    }
    leaving = await stage.http.get("/oauth/connect/github", params=query)
    assert "client_id=Iv1.stranger" in leaving.headers["location"]
    returning = await stage.http.get(f"{leaving.headers['location']}&as=octo-a")
    await stage.http.get(returning.headers["location"])

    listed = (await stage.http.get("/connections", headers=stage.key)).json()["connections"][0]
    url = f"/connections/{listed['connection_id']}?provider_config_key=github"
    document = (await stage.http.get(url, headers=stage.key)).json()

    assert document["credentials"]["config_override"] == {"client_id": "Iv1.stranger", "client_secret": "strange"}


async def test_the_code_is_bound_to_the_challenge_and_the_redirect(stage: Stage) -> None:
    token = await stage.session()
    await stage.person()
    leaving = await stage.http.get("/oauth/connect/github", params={"connect_session_token": token})
    tampered = leaving.headers["location"].replace("code_challenge=", "code_challenge=x")
    returning = await stage.http.get(f"{tampered}&as=octo-a")

    answer = await stage.http.get(returning.headers["location"])

    assert meaning_of_page(answer.text) == (False, "Unknown error during the Oauth flow.")


async def test_a_redirect_elsewhere_goes_back_to_the_registered_callback(stage: Stage) -> None:
    token = await stage.session()
    leaving = await stage.http.get("/oauth/connect/github", params={"connect_session_token": token})
    tampered = leaving.headers["location"].replace("127.0.0.1%3A3003", "evil.test")

    answer = await stage.http.get(f"{tampered}&as=ada-rivera")

    assert answer.headers["location"].startswith("http://127.0.0.1:3003/oauth/callback?error=redirect_uri_mismatch&")


def test_githubs_side_of_a_login_is_what_the_sandbox_checks() -> None:
    """`b06`: the recorded exchange sent exactly the fields that `Exchange` has."""
    sent = load("b06_github_side_hits")[1]["body"]

    assert [field.split("=")[0] for field in sent.split("&")] == [
        "grant_type",
        "code",
        "redirect_uri",
        "code_verifier",
        "client_id",
        "client_secret",
    ]
