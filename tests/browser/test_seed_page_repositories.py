"""The second half of the seed's front end: with its token it connects repositories."""

from typing import Final

import pytest
from playwright.async_api import Page, expect

from tests.browser.app import App
from tests.browser.repositories import RepositoriesVisitor, approve
from tests.browser.service import Service
from tests.browser.test_seed_page import OTHER_ORIGIN, OWN_ORIGIN, open_on_own_origin, script_for, sign_in
from tests.journeys.github import GitHub
from tests.journeys.sandbox import Person

pytestmark = [pytest.mark.browser, pytest.mark.postgres]

SCRIPT: Final = """
const mine = async (path) => (await fetch(SERVICE + path, {
  headers: { Authorization: `Bearer ${localStorage.getItem("token")}` },
  credentials: "include",
})).json();

async function connect() {
  const { sessionToken } = await mine("/api/auth/github-app-session");
  new Nango({ connectSessionToken: sessionToken }).openConnectUI({
    apiURL: host,
    baseURL: "CONNECT_UI",
    onEvent: async ({ type, payload }) => {
      if (type === "connect") await untilDecided(payload.connectionId);
    },
  });
}

async function untilDecided(connectionId) {
  for (;;) {
    const { ready, repos, pendingApproval } = await mine(`/api/auth/github-app/status/${connectionId}`);
    const told = document.getElementById("told");
    if (pendingApproval) told.textContent = "waiting for an admin";
    if (ready) {
      told.textContent = repos.map(({ fullName }) => fullName).join(" ");
      return;
    }
    await new Promise((resume) => setTimeout(resume, 1000));
  }
}

document.body.insertAdjacentHTML("beforeend", '<button id="repos" type="button">Link</button><p id="told"></p>');
document.getElementById("repos").addEventListener("click", connect);
"""


@pytest.fixture
def github(service: Service) -> GitHub:
    return service.github


def whole_script(service: Service, host: str, fetch: str = OWN_ORIGIN) -> str:
    connect_ui = f"{service.sandbox.url}/connect/"
    second = SCRIPT.replace("CONNECT_UI", connect_ui).replace("SERVICE", f'"{service.origin}"')
    return script_for(service, host, fetch) + second


async def go_to_github(page: Page, service: Service) -> RepositoriesVisitor:
    """Open Connect UI and its pop-up, which is then at GitHub."""
    # What signing in has left open.
    await page.frame_locator("#connect-ui").get_by_role("button", name="Finish", exact=True).click()
    await page.get_by_role("button", name="Link", exact=True).click()
    connect = page.frame_locator("#connect-ui").get_by_role("button", name="Connect", exact=True)
    async with page.expect_popup() as opening:
        await connect.click()
    return RepositoriesVisitor(await opening.value, service)


@pytest.mark.parametrize("binding", ["callback", "cookie"])
async def test_it_shows_the_repositories_once_they_are_connected(
    page: Page, service: Service, person: Person, github: GitHub
) -> None:
    repo = github.repo(person.login)
    host = service.origin if service.is_bound_by_callback else service.sandbox.url
    await open_on_own_origin(page, service, whole_script(service, host))
    await sign_in(page, service, person)
    pop_up = await go_to_github(page, service)
    await pop_up.choose_account(person.login, person.login)
    await pop_up.page.get_by_role("button", name="Install", exact=True).click()

    await expect(page.locator("#told")).to_have_text(repo.full_name)


async def test_on_another_allowed_origin_it_waits_for_an_owner(
    page: Page, service: Service, app: App, person: Person, github: GitHub
) -> None:
    owner = service.sandbox.newcomer()
    organization = github.organization(admins=(owner,), members=(person,))
    repo = github.repo(organization, collaborators={person.login: "push"})
    app.put("/app.js", whole_script(service, service.origin, OTHER_ORIGIN))
    await page.goto(app.put("/app", '<!doctype html><body><script type="module" src="/app.js"></script>'))
    await sign_in(page, service, person)
    pop_up = await go_to_github(page, service)
    await pop_up.choose_account(person.login, organization)
    await pop_up.page.get_by_role("button", name="Request", exact=True).click()

    await expect(page.locator("#told")).to_have_text("waiting for an admin")
    owners_page = await page.context.new_page()
    await approve(owners_page, service.sandbox.url, organization, owner.login)
    await expect(page.locator("#told")).to_have_text(repo.full_name)
