"""Signing in by a pop-up with Nango's own library, with everything behind it running as `latchkey demo`."""

from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, FrameLocator, Locator, Page, expect

from tests.browser.accessibility import scrolls_sideways
from tests.browser.demo import Demo
from tests.browser.pages import watched_page
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.postgres]


@dataclass(frozen=True, slots=True)
class PopUpVisitor(Visitor):
    @property
    def pop_up_button(self) -> Locator:
        return self.page.get_by_role("button", name="Sign in with GitHub in a pop-up", exact=True)

    @property
    def connect_ui(self) -> FrameLocator:
        return self.page.frame_locator("iframe[title=Connect]")

    @property
    def connect_button(self) -> Locator:
        return self.connect_ui.get_by_role("button", name="Connect", exact=True)

    async def open_connect_ui(self) -> None:
        await self.open_home()
        await self.pop_up_button.click()
        await expect(self.connect_button).to_be_focused()

    async def open_pop_up(self) -> Page:
        async with self.page.expect_popup() as opening:
            await self.connect_button.click()
        pop_up = await opening.value
        await expect(pop_up.get_by_role("button", name="Authorize", exact=True)).to_be_visible()
        return pop_up

    async def sign_in_by_pop_up(self, login: str) -> Page:
        await self.open_connect_ui()
        pop_up = await self.open_pop_up()
        await Visitor(pop_up, self.demo).authorize_as(login)
        await self.is_signed_in(login)
        return pop_up


@pytest.fixture
def visitor(page: Page, demo: Demo) -> PopUpVisitor:
    return PopUpVisitor(page, demo)


async def gone(pop_up: Page) -> None:
    if not pop_up.is_closed():
        await pop_up.wait_for_event("close")


async def test_a_person_signs_in_by_pop_up_and_never_leaves_the_page(visitor: PopUpVisitor) -> None:
    pop_up = await visitor.sign_in_by_pop_up("ada-rivera")

    await gone(pop_up)
    await expect(visitor.page.locator("iframe")).to_have_count(0)
    await expect(visitor.sign_out_button).to_be_focused()
    profile = await visitor.profile()
    assert profile
    assert profile["login"] == "ada-rivera"


async def test_both_doors_lead_to_the_same_user(visitor: PopUpVisitor) -> None:
    await visitor.sign_in("grace-okafor")
    first = await visitor.profile()
    await visitor.sign_out_button.click()
    await visitor.is_signed_out()

    await visitor.sign_in_by_pop_up("grace-okafor")
    second = await visitor.profile()

    assert first
    assert second
    assert first["id"] == second["id"]


async def test_who_denies_is_told_and_may_try_again(visitor: PopUpVisitor) -> None:
    await visitor.open_connect_ui()
    pop_up = await visitor.open_pop_up()
    await pop_up.get_by_role("button", name="Cancel", exact=True).click()

    await expect(visitor.connect_ui.get_by_role("alert")).not_to_be_empty()
    await gone(pop_up)
    await visitor.page.keyboard.press("Escape")
    await expect(visitor.page.get_by_role("alert")).to_contain_text("Signing in failed")
    await visitor.is_signed_out()

    await visitor.sign_in_by_pop_up("sam-lindqvist")
    await expect(visitor.page.get_by_role("alert")).to_be_hidden()


async def test_who_closes_the_dialog_is_where_they_were(visitor: PopUpVisitor) -> None:
    await visitor.open_connect_ui()
    await visitor.page.keyboard.press("Escape")

    await expect(visitor.page.locator("iframe")).to_have_count(0)
    await expect(visitor.pop_up_button).to_be_focused()
    await expect(visitor.page.get_by_role("alert")).to_be_hidden()
    await visitor.is_signed_out()


async def test_nothing_behind_the_dialog_can_be_reached(visitor: PopUpVisitor) -> None:
    await visitor.open_connect_ui()

    await expect(visitor.page.locator("main")).to_have_js_property("inert", value=True)


async def test_a_service_that_refuses_is_told_in_words(browser: Browser, demo: Demo) -> None:
    # Not watched: what fails here fails on purpose.
    async with await browser.new_page() as page:
        visitor = PopUpVisitor(page, demo)
        await visitor.open_home()
        await page.route("**/auth/nango-session", lambda route: route.fulfill(status=503))
        await visitor.pop_up_button.click()

        await expect(page.get_by_role("alert")).to_have_text(
            "The pop-up cannot be used now. Please try again, or sign in without it."
        )
        await expect(visitor.pop_up_button).to_be_focused()


async def test_without_a_script_there_is_one_door(browser: Browser, demo: Demo) -> None:
    async with watched_page(browser, java_script_enabled=False) as page:
        visitor = PopUpVisitor(page, demo)
        await visitor.open_home()

        await expect(visitor.sign_in_link).to_be_visible()
        await expect(visitor.pop_up_button).to_be_hidden()


async def test_a_phone_shows_all_of_it(browser: Browser, demo: Demo) -> None:
    async with watched_page(browser, viewport={"width": 320, "height": 568}) as page:
        visitor = PopUpVisitor(page, demo)
        await visitor.open_connect_ui()

        assert not await scrolls_sideways(page)
        await expect(visitor.connect_button).to_be_in_viewport(ratio=1)
