"""What Connect UI asks for besides sessions and integrations, and the page that plays it."""

from collections.abc import Generator
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from entrypoints.sandbox.clock import SystemClock
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.settings import SandboxSettings
from tests.sandbox.served import app_of
from tests.sandbox.stage import Stage

REFUSED = "Did not get authorization code in the callback. Provider error: error: access_denied;"


@pytest.fixture
def client() -> Generator[TestClient[Litestar], None, None]:
    with TestClient(app_of(Sandbox(SandboxSettings(), SystemClock(), None))) as client:
        yield client


def come_back(client: TestClient[Litestar], listener: str, automation: str) -> None:
    """Go through a pop-up that belongs to a web socket."""
    key = {"Authorization": f"Bearer {SandboxSettings().secret_key}"}
    session = client.post("/connect/sessions", headers=key, json={"end_user": {"id": "u1"}}).json()["data"]["token"]
    query = {"connect_session_token": session, "ws_client_id": listener}
    leaving = client.get("/oauth/connect/github", params=query, follow_redirects=False)
    returning = client.get(f"{leaving.headers['location']}&{automation}", follow_redirects=False)
    client.get(returning.headers["location"])


def heard_after(client: TestClient[Litestar], automation: str) -> dict[str, Any]:
    with client.websocket_connect("/") as socket:
        ack = socket.receive_json()
        assert ack["message_type"] == "connection_ack"
        come_back(client, ack["ws_client_id"], automation)
        return socket.receive_json()


def test_a_web_socket_hears_that_its_pop_up_connected(client: TestClient[Litestar]) -> None:
    heard = heard_after(client, "as=ada-rivera")

    (connection,) = client.get("/__sandbox/connections").json()
    assert heard == {
        "message_type": "success",
        "provider_config_key": "github",
        "connection_id": connection["connection_id"],
        "is_pending": False,
    }


def test_a_web_socket_hears_that_its_pop_up_was_refused(client: TestClient[Litestar]) -> None:
    heard = heard_after(client, "deny=1")

    assert (heard["message_type"], heard["error_type"]) == ("error", "callback_err")
    assert heard["error_desc"].startswith(REFUSED)


def test_a_web_socket_hears_that_githubs_token_endpoint_failed(client: TestClient[Litestar]) -> None:
    client.post("/__sandbox/failures", json={"endpoint": "github POST /login/oauth/access_token"})

    heard = heard_after(client, "as=ada-rivera")

    assert heard["error_type"] == "unknown_err"
    assert heard["error_desc"] == "Unknown error during the Oauth flow."


def test_who_has_left_hears_nothing_and_the_connection_is_there(client: TestClient[Litestar]) -> None:
    with client.websocket_connect("/") as socket:
        gone = socket.receive_json()["ws_client_id"]

    come_back(client, gone, "as=ada-rivera")

    assert len(client.get("/__sandbox/connections").json()) == 1


async def test_a_session_may_read_a_provider(stage: Stage) -> None:
    headers = {"Authorization": f"Bearer {await stage.session()}"}

    known = await stage.http.get("/providers/github", headers=headers)
    unknown = await stage.http.get("/providers/gitlab", headers=headers)
    stranger = await stage.http.get("/providers/github")

    assert known.json()["data"]["auth_mode"] == "OAUTH2"
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "not_found")
    assert stranger.status_code == 401


async def test_telemetry_brings_its_session_in_the_body(stage: Stage) -> None:
    told = {"event": "click:connect", "token": await stage.session(), "timestamp": "2026-01-01T00:00:00Z"}

    heard = await stage.http.post("/connect/telemetry", json=told)
    stranger = await stage.http.post("/connect/telemetry", json={**told, "token": "nobody"})
    empty = await stage.http.post("/connect/telemetry", json={})

    assert (heard.status_code, heard.content) == (204, b"")
    assert stranger.status_code == 401
    assert empty.status_code == 400


async def test_the_page_may_be_framed_and_needs_nothing_from_elsewhere(stage: Stage) -> None:
    page = await stage.http.get("/connect/?apiURL=http://127.0.0.1:8000")

    assert page.status_code == 200
    assert "x-frame-options" not in page.headers
    assert "frame-ancestors" not in page.headers.get("content-security-policy", "")
    assert "http" not in page.text.replace('["http:", "https:"]', "").replace("/^http/", "")


def test_connect_ui_is_the_sandboxs_own_unless_set() -> None:
    own = SandboxSettings(public_url="http://127.0.0.1:4000")
    other = SandboxSettings(connect_ui_url="http://127.0.0.1:3009/")

    assert own.connect_ui_url == "http://127.0.0.1:4000/connect/"
    assert other.connect_ui_url == "http://127.0.0.1:3009/"
