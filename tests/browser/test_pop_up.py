"""Signing in by a pop-up with Nango's own library, with everything behind it running."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.accessibility import scrolls_sideways
from tests.browser.pages import watched_page
from tests.browser.pop_up import PopUpVisitor, gone
from tests.browser.service import Service
from tests.browser.visitor import Visitor
from tests.journeys.sandbox import Person

pytestmark = [pytest.mark.browser, pytest.mark.postgres]


@pytest.fixture
def visitor(page: Page, service: Service) -> PopUpVisitor:
    return PopUpVisitor(page, service)


async def test_a_person_signs_in_by_pop_up_and_never_leaves_the_page(visitor: PopUpVisitor) -> None:
    pop_up = await visitor.sign_in_by_pop_up("ada-rivera")

    await gone(pop_up)
    await expect(visitor.page.locator("iframe")).to_have_count(0)
    await expect(visitor.sign_out_button).to_be_focused()
    profile = await visitor.profile()
    assert profile
    assert profile["login"] == "ada-rivera"


async def test_both_doors_in_one_page_lead_to_the_same_user_with_one_connection(
    visitor: PopUpVisitor, service: Service, person: Person
) -> None:
    await visitor.sign_in(person.login)
    first, older = await visitor.profile(), service.only_connection_of(person)
    await visitor.sign_out_button.click()
    await visitor.is_signed_out()

    await visitor.sign_in_by_pop_up(person.login)
    assert first
    assert await visitor.profile() == first
    assert service.only_connection_of(person) != older


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


async def test_who_closes_the_pop_up_may_open_another(visitor: PopUpVisitor) -> None:
    await visitor.open_connect_ui()
    abandoned = await visitor.open_pop_up()
    await abandoned.close()
    assert await visitor.profile() is None

    pop_up = await visitor.open_pop_up()
    await Visitor(pop_up, visitor.place).authorize_as("ada-rivera")
    await visitor.is_signed_in("ada-rivera")
    await gone(pop_up)


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


async def test_a_service_that_refuses_is_told_in_words(browser: Browser, service: Service) -> None:
    # Not watched: what fails here fails on purpose.
    async with await browser.new_page() as page:
        visitor = PopUpVisitor(page, service)
        await visitor.open_home()
        await page.route("**/auth/nango-session", lambda route: route.fulfill(status=503))
        await visitor.pop_up_button.click()

        await expect(page.get_by_role("alert")).to_have_text(
            "The pop-up cannot be used now. Please try again, or sign in without it."
        )
        await expect(visitor.pop_up_button).to_be_focused()


async def test_without_a_script_there_is_one_door(browser: Browser, service: Service) -> None:
    async with watched_page(browser, java_script_enabled=False) as page:
        visitor = PopUpVisitor(page, service)
        await visitor.open_home()

        await expect(visitor.sign_in_link).to_be_visible()
        await expect(visitor.pop_up_button).to_be_hidden()


async def test_a_phone_shows_all_of_it(browser: Browser, service: Service) -> None:
    async with watched_page(browser, viewport={"width": 320, "height": 568}) as page:
        visitor = PopUpVisitor(page, service)
        await visitor.open_connect_ui()

        assert not await scrolls_sideways(page)
        await expect(visitor.connect_button).to_be_in_viewport(ratio=1)
