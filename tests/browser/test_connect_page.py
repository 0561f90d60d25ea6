"""The sandbox's Connect page, opened by Nango's own library, with nothing but the sandbox behind it."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

import httpx
import pytest
import uvicorn
from playwright.async_api import Browser, FrameLocator, Locator, Page, expect

from entrypoints.sandbox.app import create_sandbox
from entrypoints.sandbox.settings import SandboxSettings
from tests.browser.accessibility import faults
from tests.browser.app import App
from tests.browser.pages import HOST, watched_page
from tests.browser.pop_up import gone, open_pop_up

pytestmark = pytest.mark.browser

KEY: Final = {"Authorization": f"Bearer {SandboxSettings().secret_key}"}
PAGE: Final = """<!doctype html>
<html lang="en"><title>An app</title>
<script type="module">
  import Nango from "/index.js";
  window.heard = [];
  window.openConnectUI = (options) => {
    new Nango().openConnectUI({ ...options, onEvent: (event) => window.heard.push(event) });
  };
</script></html>
"""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[str]:
    with socket.create_server((HOST, 0)) as listener:
        origin = f"http://{HOST}:{listener.getsockname()[1]}"
        config = uvicorn.Config(
            create_sandbox(SandboxSettings(public_url=origin)), log_config=None, ws="websockets-sansio"
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield origin
        server.should_exit = True
        thread.join()


async def new_session(sandbox: str, *integrations: str) -> dict[str, str]:
    async with httpx.AsyncClient(base_url=sandbox, headers=KEY) as http:
        body = {"end_user": {"id": "u1"}, "allowed_integrations": [*(integrations or ["github"])]}
        answer = await http.post("/connect/sessions", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]


@dataclass(frozen=True)
class Opened:
    """Connect UI, open in an app."""

    page: Page

    @property
    def frame(self) -> FrameLocator:
        return self.page.frame_locator("#connect-ui")

    @property
    def connect_button(self) -> Locator:
        return self.frame.get_by_role("button", name="Connect", exact=True)

    async def pop_up(self) -> Page:
        return await open_pop_up(self.page, self.connect_button)

    async def heard(self, *kinds: str) -> list[dict[str, Any]]:
        """Wait until the app has heard so many events, and check their kinds."""
        await self.page.wait_for_function("(count) => window.heard.length >= count", arg=len(kinds))
        events: list[dict[str, Any]] = await self.page.evaluate("window.heard")
        assert [event["type"] for event in events] == [*kinds]
        return events


@pytest.fixture
async def opened(page: Page, app: App, sandbox: str) -> Opened:
    session = await new_session(sandbox)
    await page.goto(app.put("/", PAGE))
    options = {
        "sessionToken": session["token"],
        "baseURL": f"{sandbox}/connect",
        "apiURL": sandbox,
        "detectClosedAuthWindow": True,
    }
    await page.evaluate("(options) => window.openConnectUI(options)", options)
    return Opened(page)


async def test_a_person_connects_in_a_pop_up(opened: Opened, sandbox: str) -> None:
    await expect(opened.frame.get_by_role("dialog", name="GitHub login")).to_be_visible()
    pop_up = await opened.pop_up()
    await pop_up.get_by_role("radio", name="ada-rivera").check()
    await pop_up.get_by_role("button", name="Authorize", exact=True).click()

    await expect(opened.frame.get_by_role("dialog", name="Connected")).to_be_visible()
    _, connected = await opened.heard("ready", "connect")
    await gone(pop_up)
    async with httpx.AsyncClient(base_url=sandbox) as http:
        newest = (await http.get("/__sandbox/connections")).json()[0]
    assert newest["person"] == "ada-rivera"
    assert connected["payload"] == {
        "providerConfigKey": "github",
        "connectionId": newest["connection_id"],
        "isPending": False,
    }

    await opened.frame.get_by_role("button", name="Finish").click()
    await opened.heard("ready", "connect", "close")
    await expect(opened.page.locator("#connect-ui")).to_have_count(0)


async def test_who_closes_the_pop_up_may_try_again(opened: Opened) -> None:
    pop_up = await opened.pop_up()
    await pop_up.close()

    await expect(opened.frame.get_by_role("alert")).to_have_text(
        "The window was closed before the end. Please try again."
    )
    _, failed = await opened.heard("ready", "error")
    assert failed["payload"]["errorType"] == "window_closed"

    pop_up = await opened.pop_up()
    await expect(opened.frame.get_by_role("alert")).to_be_empty()
    await pop_up.get_by_role("button", name="Authorize", exact=True).click()
    await opened.heard("ready", "error", "connect")


async def test_who_denies_is_told_once(opened: Opened) -> None:
    pop_up = await opened.pop_up()
    await pop_up.get_by_role("button", name="Cancel", exact=True).click()

    await expect(opened.frame.get_by_role("alert")).to_contain_text("access_denied")
    await gone(pop_up)
    await opened.heard("ready", "error")


async def test_closing_the_dialog_tells_the_app(opened: Opened) -> None:
    await expect(opened.connect_button).to_be_focused()
    await opened.page.keyboard.press("Escape")

    await opened.heard("ready", "close")


async def test_an_outcome_counts_only_from_the_api(opened: Opened) -> None:
    pop_up = await opened.pop_up()
    forged = {"type": "nango_oauth_callback_error", "payload": {"message": "forged"}}
    await opened.page.evaluate("(forged) => window.frames[0].postMessage(forged, '*')", forged)

    await pop_up.get_by_role("button", name="Authorize", exact=True).click()
    await opened.heard("ready", "connect")


async def test_a_session_that_has_ended_is_told(opened: Opened, sandbox: str) -> None:
    await expect(opened.connect_button).to_be_visible()
    async with httpx.AsyncClient(base_url=sandbox) as http:
        await http.post("/__sandbox/connect-sessions/expire", json={})
    # Not watched: what is refused here is refused on purpose.
    async with await opened.page.context.browser.new_page() as page:  # pyright: ignore[reportOptionalMemberAccess]
        await page.goto(f"{sandbox}/connect/?session_token=ended")

        await expect(page.get_by_role("dialog", name="This does not work")).to_be_visible()
        await expect(page.get_by_role("alert")).to_have_text("/connect/session answered 401")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_link_opens_it_too_and_it_serves_everybody(
    browser: Browser, sandbox: str, scheme: Literal["light", "dark"]
) -> None:
    session = await new_session(sandbox, "github", "github-app-oauth")
    async with watched_page(browser, color_scheme=scheme) as page:
        await page.goto(session["connect_link"])
        await expect(page.get_by_role("button", name="Connect GitHub login")).to_be_visible()
        await expect(page.get_by_role("button", name="Connect GitHub (App OAuth)")).to_be_visible()

        assert await faults(page) == []
