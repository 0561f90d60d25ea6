"""Recorded webhooks: bytes, headers, signatures, and when they come again."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from entrypoints.sandbox.signatures import webhook_signatures
from tests.sandbox import app_replays, record_scenes, scenes
from tests.sandbox.recorded import FOLDERS, Delivered, load, masked, recorded_call, recorded_deliveries
from tests.sandbox.scenes import Scene, after, has_login
from tests.sandbox.stage import RECORDED_KEY, Received, Stage, end_user, staged

TOKEN_ENDPOINT = "github POST /login/oauth/access_token"
NOISE = {"connection"}
NO_DELIVERIES = {"b06_github_side_hits", "d03_github_side_hits", "d06_race_user_vs_app_token"}
ROTATED_KEY = "4e6b7227-28c8-44d4-a3e3-5e6bec8383aa"
SIGNED_AFTER_THE_ROTATION = {
    "n06_unicode_webhook",
    "o03_webhooks",
    "p03_refresh_failed_webhook_oauth2",
    "p05_webhook_token_500",
    "q01_webhook_no_email",
}


async def second_login(stage: Stage) -> None:
    await stage.log_in()
    await stage.clock.settle()
    stage.sink.received.clear()
    await stage.log_in()


async def denied(stage: Stage) -> None:
    await stage.finish(await stage.session(), automation="deny=1")


async def bad_code(stage: Stage) -> None:
    url = await stage.authorize(await stage.session())
    await stage.http.get(url.replace("code_", "bad_"))


async def token_endpoint_down(stage: Stage) -> None:
    await stage.control("POST", "/failures", {"endpoint": TOKEN_ENDPOINT, "status": 500})
    await stage.log_in()


def reconnect(body: dict[str, Any], automation: str = "as=octo-a") -> Scene:
    async def scene(stage: Stage) -> None:
        await stage.person("octo-b", 1002)
        known = await stage.log_in(end_user("rc1"))
        await stage.clock.settle()
        stage.sink.received.clear()
        target = {"connection_id": known, "integration_id": "github"}
        token = await stage.session({**target, **body}, "/connect/sessions/reconnect")
        await stage.finish(token, automation=automation)

    return scene


async def refresh_failed(stage: Stage) -> None:
    await scenes.expiring_and_refreshed(stage)
    await stage.clock.settle()
    stage.sink.received.clear()
    await stage.send(recorded_call("p03_force_refresh_bad"))


SOMEBODY_ELSE: dict[str, Any] = {"end_user": {"id": "someone-else", "email": "else@app.test"}, "tags": {"k": "v"}}
UNICODE: dict[str, Any] = {"end_user": {"id": "ü-1", "email": "u@app.test", "display_name": 'Zoë 日本 "q"'}}

WEBHOOKS: dict[str, Scene] = {
    **app_replays.WEBHOOKS,
    **record_scenes.WEBHOOKS,
    "b04_webhook_github_login": has_login(""),
    "b08_webhook_tags_only": has_login("", scenes.TAGS_ONLY),
    "b09_webhook_full": has_login("", scenes.FULL_BODY),
    "b10_webhook_second_login": second_login,
    "b11_webhook_denied": denied,
    "b12_webhook_bad_code": bad_code,
    "g15_app_receives": after(scenes.nothing, "g15_forged_auth_via_ingress"),
    "h21_reconnect_webhook": reconnect({}),
    "h23_webhook": reconnect(SOMEBODY_ELSE, "as=octo-b"),
    "h24_reconnect_denied_webhook": reconnect(SOMEBODY_ELSE, "deny=1"),
    "n06_unicode_webhook": has_login("", UNICODE),
    "o03_webhooks": after(scenes.nothing, "o03_import_connection"),
    "p03_refresh_failed_webhook_oauth2": refresh_failed,
    "p05_webhook_token_500": token_endpoint_down,
    "q01_webhook_no_email": has_login("", scenes.NO_EMAIL),
}


@pytest.mark.parametrize("name", WEBHOOKS)
async def test_a_recorded_webhook_is_sent_as_recorded(stage: Stage, name: str) -> None:
    await WEBHOOKS[name](stage)
    await stage.clock.settle()

    recorded = recorded_deliveries(name)
    assert len(stage.sink.received) == len(recorded)
    for expected, received in zip(recorded, stage.sink.received, strict=True):
        assert_sent_as_recorded(expected, received)


def assert_sent_as_recorded(expected: Delivered, received: Received) -> None:
    headers = {key.decode().lower(): value.decode() for key, value in received.request.headers.raw}

    assert (received.request.method, received.request.url.path) == (expected.method, expected.path)
    assert masked(received.body.decode()) == masked(expected.body)
    assert [key for key in headers if key not in NOISE] == [key for key in expected.headers if key not in NOISE]
    signed = {key.lower(): value for key, value in webhook_signatures(RECORDED_KEY, received.body).items()}
    ours = {**signed, "user-agent": headers["user-agent"], "x-hub-signature-256": headers.get("x-hub-signature-256")}
    assert {key: headers[key] for key in expected.headers} == {
        key: ours.get(key, value) for key, value in expected.headers.items()
    }
    assert headers["user-agent"].startswith("nango/0.71.4 (")


def every_recorded_delivery() -> list[str]:
    names = (path.stem for folder in FOLDERS for path in sorted(folder.glob("*.json")))
    return [name for name in names if isinstance(load(name), list) and name not in NO_DELIVERIES]


@pytest.mark.parametrize("name", every_recorded_delivery())
def test_every_recorded_signature_verifies(name: str) -> None:
    key = ROTATED_KEY if name in SIGNED_AFTER_THE_ROTATION else RECORDED_KEY

    for delivery in recorded_deliveries(name):
        signed = webhook_signatures(key, delivery.body.encode())
        assert {header.lower(): value for header, value in signed.items()}.items() <= delivery.headers.items()


async def test_a_session_can_send_its_webhooks_elsewhere(stage: Stage) -> None:
    """`b19`: to that URL only."""
    await stage.log_in(end_user("u1", webhook_url_override="http://127.0.0.1:3990/override"))
    await stage.clock.settle()

    assert [received.request.url.path for received in stage.sink.received] == ["/override"]


async def test_the_second_url_gets_a_copy_after_the_first() -> None:
    stage = staged(secondary_webhook_url="http://127.0.0.1:3990/second")
    await stage.log_in()
    await stage.clock.settle()

    assert [one.request.url.path for one in stage.sink.received] == [
        one.path for one in recorded_deliveries("c_secondary_url")
    ]
    assert len({one.body for one in stage.sink.received}) == 1


REDELIVERIES = [
    "c_302",
    "c_401",
    "c_404",
    "c_429",
    "c_500",
    "c_503",
    "c_conn_reset",
    "c_refused",
    "c_slow_25s",
]


@pytest.mark.parametrize("name", REDELIVERIES)
async def test_a_webhook_comes_again_as_recorded(stage: Stage, name: str) -> None:
    document = load(name)
    stage.sink.mode = document["sink_mode"] or {"closed_until": float("inf")}
    begun = stage.clock.now()

    await stage.log_in()
    await stage.clock.advance(document["waited_s"])

    expected = recorded_deliveries(name)
    times = [datetime.fromisoformat(one.at) for one in expected]
    assert [(one.request.method, one.request.url.path) for one in stage.sink.received] == [
        (one.method, one.path) for one in expected
    ]
    assert [round((one.at - begun).total_seconds()) for one in stage.sink.received] == [
        round((time - times[0]).total_seconds()) for time in times
    ]
    assert len({one.body for one in stage.sink.received if one.body}) == len({one.body for one in expected if one.body})
    assert all("x-nango-hmac-sha256" in one.request.headers for one in stage.sink.received)


async def test_an_app_that_comes_up_gets_the_last_attempt(stage: Stage) -> None:
    """`c_refused_then_up`: refused at 0 and 3 s, open from 4 s, served at 9 s."""
    stage.sink.mode = {"closed_until": (stage.clock.now() + timedelta(seconds=4)).timestamp()}
    begun = stage.clock.now()

    await stage.log_in()
    await stage.clock.advance(15)

    assert [one.at - begun for one in stage.sink.received] == [timedelta(seconds=9)]
    deliveries = await stage.control("GET", "/webhooks")
    assert [attempt["error"] for attempt in deliveries[0]["attempts"]] == ["ConnectError", "ConnectError", None]
    assert deliveries[0]["outcome"] == "delivered"
