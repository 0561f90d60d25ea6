"""Connecting repositories with a real browser, with everything behind it running as `latchkey demo`."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.accessibility import faults, scrolls_sideways
from tests.browser.demo import Demo
from tests.browser.pages import watched_page
from tests.browser.repositories import RepositoriesVisitor, approve

pytestmark = [pytest.mark.browser, pytest.mark.postgres]

# How soon the page shows what an owner approved.
AT_ONCE_MILLISECONDS = 2000


@pytest.fixture
def visitor(page: Page, demo: Demo) -> RepositoriesVisitor:
    return RepositoriesVisitor(page, demo)


async def test_a_member_only_authorises_the_app_and_sees_what_github_lists_for_them_and_why(
    visitor: RepositoriesVisitor,
) -> None:
    await visitor.sign_in("grace-okafor")
    await visitor.authorise("grace-okafor")

    row = visitor.row("northwind-labs/beacon")
    await expect(row).to_contain_text("private · write")
    await visitor.why_button("northwind-labs/beacon").click()
    await expect(row).to_contain_text("GitHub listed it for you when you connected it")
    assert await faults(visitor.page) == []
    await visitor.why_button("northwind-labs/beacon").click()
    await expect(row.get_by_text("GitHub listed it")).to_be_hidden()


async def test_the_app_is_installed_and_disconnected_again(visitor: RepositoriesVisitor) -> None:
    await visitor.sign_in("sam-lindqvist")
    await visitor.install("sam-lindqvist", "sam-lindqvist")

    await expect(visitor.row("sam-lindqvist/notes")).to_contain_text("private · admin")
    assert visitor.page.url == f"{visitor.place.origin}/"
    assert await faults(visitor.page) == []

    await visitor.page.get_by_role("button", name="Disconnect sam-lindqvist", exact=True).click()
    await expect(visitor.row("sam-lindqvist/notes")).to_be_hidden()
    await expect(visitor.connect_link).to_be_focused()
    await expect(visitor.row("northwind-labs/atlas")).to_contain_text("read")


async def test_the_page_opens_by_itself_when_an_owner_approves(visitor: RepositoriesVisitor, browser: Browser) -> None:
    await visitor.sign_in("ada-rivera")
    github = await visitor.ask_owner("ada-rivera", "tidewater-studio")
    await expect(visitor.page.get_by_role("listitem").get_by_text("Waiting for an owner of")).to_be_visible()
    assert await faults(visitor.page) == []

    async with watched_page(browser) as owners_page:
        await approve(owners_page, github, "tidewater-studio", "sam-lindqvist")
        await expect(visitor.row("tidewater-studio/harbour")).to_be_visible(timeout=AT_ONCE_MILLISECONDS)
    await expect(visitor.page.get_by_role("listitem").get_by_text("Waiting for an owner of")).to_be_hidden()


async def test_the_list_fits_a_narrow_screen(browser: Browser, demo: Demo) -> None:
    async with watched_page(browser, viewport={"width": 320, "height": 640}) as page:
        visitor = RepositoriesVisitor(page, demo)
        await visitor.sign_in("grace-okafor")
        await visitor.authorise("grace-okafor")
        await expect(visitor.row("northwind-labs/beacon")).to_be_visible()

        assert not await scrolls_sideways(page)


async def test_connecting_without_a_session_leads_to_signing_in(visitor: RepositoriesVisitor) -> None:
    await visitor.page.goto(f"{visitor.place.origin}/auth/connect-repositories")

    await expect(visitor.page.get_by_role("heading", name="Please sign in first")).to_be_visible()
    assert await faults(visitor.page) == []
    await visitor.page.get_by_role("link", name="Sign in", exact=True).click()
    await expect(visitor.sign_in_link).to_be_visible()


async def test_an_installation_begun_at_github_leads_here(visitor: RepositoriesVisitor) -> None:
    await visitor.sign_in("grace-okafor")
    await visitor.page.goto(f"{visitor.place.origin}/oauth/callback?code=x&installation_id=1&setup_action=update")

    await expect(visitor.page.get_by_role("heading", name="One more step")).to_be_visible()
    await expect(visitor.connect_link).to_be_visible()
    assert await faults(visitor.page) == []


async def test_without_script_one_connects_all_the_same(browser: Browser, demo: Demo) -> None:
    async with watched_page(browser, java_script_enabled=False) as page:
        visitor = RepositoriesVisitor(page, demo)
        await visitor.go_to_github()
        await visitor.authorize_as("sam-lindqvist")
        await visitor.connect_link.click()

        await visitor.choose_account("sam-lindqvist", "sam-lindqvist")
        await (
            page.get_by_role("button", name="Install", exact=True)
            .or_(page.get_by_role("button", name="Save", exact=True))
            .click()
        )
        await expect(visitor.sign_in_link).to_be_visible()
        assert "connection_id=" in page.url
