"""The seed's front end as an app has it, with nothing to set but the host."""

from typing import Final

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.app import App
from tests.browser.pop_up import gone, open_pop_up
from tests.browser.service import Service
from tests.browser.visitor import Visitor
from tests.journeys.sandbox import Person

pytestmark = [pytest.mark.browser, pytest.mark.postgres]

# As people paste it. Nango's own Connect UI is where the library looks by itself; the sandbox's has to be named.
SCRIPT: Final = """
import Nango from "/static/nango/index.js";

const host = "HOST";
const ask = async (path) => (await FETCH).json();

async function signIn() {
  const { sessionToken } = await ask("/api/auth/nango-session");
  new Nango({ connectSessionToken: sessionToken }).openConnectUI({
    apiURL: host,
    baseURL: "CONNECT_UI",
    onEvent: async ({ type, payload }) => {
      if (type === "connect") welcome(await untilReady(payload.connectionId));
    },
  });
}

async function untilReady(connectionId) {
  for (;;) {
    const answer = await ask(`/api/auth/nango/status/${connectionId}`);
    if (answer.ready) return answer;
    await new Promise((resume) => setTimeout(resume, 1000));
  }
}

function welcome({ token, user }) {
  localStorage.setItem("token", token);
  document.getElementById("welcome").textContent = `Welcome ${user.login}`;
}

document.body.insertAdjacentHTML("beforeend", '<button id="enter" type="button">Enter</button><p id="welcome"></p>');
document.getElementById("enter").addEventListener("click", signIn);
"""
# What a fetch is without more: on the page's own origin.
OWN_ORIGIN: Final = "fetch(path)"
OTHER_ORIGIN: Final = 'fetch(host + path, { credentials: "include" })'
# Without cookies, so that only the token can tell who asks.
WHO: Final = """async (origin) => {
  const headers = { Authorization: `Bearer ${localStorage.getItem("token")}` };
  const answer = await fetch(`${origin}/auth/me`, { headers, credentials: "omit" });
  return [answer.status, (await answer.json()).login];
}"""


def script_for(service: Service, host: str, fetch: str = OWN_ORIGIN) -> str:
    connect_ui = f"{service.sandbox.url}/connect/"
    return SCRIPT.replace("HOST", host).replace("CONNECT_UI", connect_ui).replace("FETCH", fetch)


async def open_on_own_origin(page: Page, service: Service, script: str) -> None:
    """Run an app's script where a proxy puts the app and the service together."""

    async def answer(route: Route) -> None:
        await route.fulfill(body=script, content_type="text/javascript")

    await page.route(f"{service.origin}/app.js", answer)
    await page.goto(service.origin)
    await page.add_script_tag(url="/app.js", type="module")


async def sign_in(page: Page, service: Service, person: Person) -> None:
    """Go through the page until its token answers for the person."""
    await page.get_by_role("button", name="Enter", exact=True).click()
    connect_ui = page.frame_locator("#connect-ui")
    pop_up = await open_pop_up(page, connect_ui.get_by_role("button", name="Connect", exact=True))
    await Visitor(pop_up, service).authorize_as(person.login)

    await expect(page.locator("#welcome")).to_have_text(f"Welcome {person.login}")
    assert await page.evaluate(WHO, service.origin) == [200, person.login]
    await gone(pop_up)


async def test_it_ends_with_a_token_when_its_host_is_the_service(page: Page, service: Service, person: Person) -> None:
    await open_on_own_origin(page, service, script_for(service, host=service.origin))
    await sign_in(page, service, person)


@pytest.mark.parametrize("binding", ["cookie"])
async def test_it_polls_until_the_service_has_looked_by_itself_when_its_host_is_nango(
    page: Page, service: Service, person: Person
) -> None:
    service.lose_webhooks()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await open_on_own_origin(page, service, script_for(service, host=service.sandbox.url))
    await sign_in(page, service, person)

    assert len([url for url in asked if "/nango/status/" in url]) > 1


async def test_on_another_allowed_origin_it_works_if_it_sends_its_cookies(
    page: Page, service: Service, app: App, person: Person
) -> None:
    app.put("/app.js", script_for(service, host=service.origin, fetch=OTHER_ORIGIN))
    await page.goto(app.put("/app", '<!doctype html><body><script type="module" src="/app.js"></script>'))
    await sign_in(page, service, person)
