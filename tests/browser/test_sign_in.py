"""Signing in with a real browser, with everything behind it running as `latchkey demo`."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.accessibility import scrolls_sideways
from tests.browser.demo import Demo
from tests.browser.pages import watched_page
from tests.browser.pop_up import PopUpVisitor
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.postgres]

# GitHub allows no longer one.
LONGEST_LOGIN = "m" * 39


async def test_a_new_person_signs_in(visitor: Visitor) -> None:
    await visitor.go_to_github()
    await visitor.control("/people", login="noor-new", name="Noor New", email="noor@example.test")
    await visitor.page.reload()
    await visitor.authorize_as("noor-new")

    await visitor.is_signed_in("noor-new")
    assert visitor.page.url == f"{visitor.place.origin}/"
    profile = await visitor.profile()
    assert profile
    assert (profile["login"], profile["name"], profile["email"]) == ("noor-new", "Noor New", "noor@example.test")


async def test_a_returning_person_is_the_same_user(visitor: Visitor) -> None:
    await visitor.sign_in("ada-rivera")
    first = await visitor.profile()

    await visitor.sign_out_button.click()
    await visitor.is_signed_out()
    await visitor.page.reload()
    await visitor.is_signed_out()

    await visitor.sign_in("ada-rivera")
    second = await visitor.profile()
    assert first
    assert second
    assert first["id"] == second["id"]


async def test_the_pop_up_leads_in_too(page: Page, demo: Demo) -> None:
    await PopUpVisitor(page, demo).sign_in_by_pop_up("ada-rivera")


async def test_a_person_without_public_email_signs_in(visitor: Visitor) -> None:
    await visitor.sign_in("grace-okafor")

    await expect(visitor.page.get_by_text("no public e-mail")).to_be_visible()
    profile = await visitor.profile()
    assert profile
    assert profile["email"] is None


async def test_who_cancels_is_told_and_may_start_again(visitor: Visitor) -> None:
    await visitor.go_to_github()
    await visitor.page.get_by_role("button", name="Cancel", exact=True).click()

    await expect(visitor.page.get_by_role("heading", name="Nothing has changed")).to_be_visible()
    await expect(visitor.page.get_by_text("GitHub was not authorised, so nothing was done.")).to_be_visible()
    assert not await visitor.has_session_cookie()

    await visitor.start_again_link.click()
    await visitor.is_signed_out()


async def test_going_back_after_signing_in_keeps_the_person_signed_in(visitor: Visitor) -> None:
    await visitor.sign_in("sam-lindqvist")

    await visitor.page.go_back()
    await visitor.authorize_as("ada-rivera")
    await expect(visitor.page.get_by_role("heading", name="Please start again")).to_be_visible()

    await visitor.start_again_link.click()
    await visitor.is_signed_in("sam-lindqvist")


async def test_the_way_to_github_serves_only_the_browser_that_began(
    visitor: Visitor, browser: Browser, demo: Demo
) -> None:
    url = await visitor.go_to_github()

    async with watched_page(browser) as page:
        other = Visitor(page, demo)
        await page.goto(url)
        await other.authorize_as("ada-rivera")
        await expect(page.get_by_role("heading", name="Please start again")).to_be_visible()
        assert not await other.has_session_cookie()

        await visitor.authorize_as("grace-okafor")
        await visitor.is_signed_in("grace-okafor")

        await other.start_again_link.click()
        await other.is_signed_out()


async def test_the_callbacks_url_works_once(visitor: Visitor) -> None:
    async with visitor.page.expect_request(lambda request: "/oauth/callback?" in request.url) as callback:
        await visitor.sign_in("ada-rivera")

    await visitor.page.goto((await callback.value).url)
    await expect(visitor.page.get_by_role("heading", name="Please start again")).to_be_visible()
    await visitor.page.reload()
    await expect(visitor.page.get_by_role("heading", name="Please start again")).to_be_visible()

    await visitor.start_again_link.click()
    await visitor.is_signed_in("ada-rivera")


async def test_signing_in_needs_no_script(browser: Browser, demo: Demo) -> None:
    async with watched_page(browser, java_script_enabled=False) as page:
        visitor = Visitor(page, demo)
        await visitor.go_to_github()
        await visitor.authorize_as("sam-lindqvist")
        await page.wait_for_url(f"{demo.origin}/")

        assert await visitor.has_session_cookie()
        profile = await visitor.profile()
        assert profile
        assert profile["login"] == "sam-lindqvist"


async def test_a_keyboard_is_enough(visitor: Visitor) -> None:
    page = visitor.page
    await visitor.open_home()
    await expect(visitor.sign_in_link).to_be_visible()
    await page.keyboard.press("Tab")
    await expect(visitor.sign_in_link).to_be_focused()
    await page.keyboard.press("Enter")

    await expect(visitor.authorize_button).to_be_visible()
    await page.keyboard.press("Tab")
    await expect(visitor.person("ada-rivera")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await expect(visitor.person("grace-okafor")).to_be_checked()
    await page.keyboard.press("Enter")

    await visitor.is_signed_in("grace-okafor")
    # Before it: connecting repositories, and only authorising.
    for _ in range(3):
        await page.keyboard.press("Tab")
    await expect(visitor.sign_out_button).to_be_focused()
    await page.keyboard.press("Enter")

    await visitor.is_signed_out()
    await expect(visitor.sign_in_link).to_be_focused()


async def test_a_phone_shows_all_of_it_without_scrolling_sideways(browser: Browser, demo: Demo) -> None:
    async with watched_page(browser, viewport={"width": 360, "height": 640}) as page:
        visitor = Visitor(page, demo)
        await visitor.open_home()
        await expect(visitor.sign_in_link).to_be_visible()
        assert not await scrolls_sideways(page)

        await visitor.go_to_github()
        await visitor.control("/people", login=LONGEST_LOGIN, email=f"{LONGEST_LOGIN}@{LONGEST_LOGIN}.test")
        await page.reload()
        assert not await scrolls_sideways(page)

        await visitor.authorize_as(LONGEST_LOGIN)
        await visitor.is_signed_in(LONGEST_LOGIN)
        assert not await scrolls_sideways(page)
