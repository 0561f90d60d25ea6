"""The screens of a sign-in, light and dark, for everybody."""

from typing import Literal

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.accessibility import faults
from tests.browser.demo import Demo
from tests.browser.pages import watched_page
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.postgres]


async def luminance_of_paper(page: Page) -> int:
    """Return the sum of red, green and blue behind everything."""
    return await page.evaluate(
        "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).reduce((a, b) => a + Number(b), 0)"
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_screen_serves_everybody(browser: Browser, demo: Demo, scheme: Literal["light", "dark"]) -> None:
    async with watched_page(browser, color_scheme=scheme) as page:
        visitor = Visitor(page, demo)

        async def is_fine() -> None:
            assert await faults(page) == []
            assert (await luminance_of_paper(page) > 3 * 128) == (scheme == "light")

        await visitor.open_home()
        await expect(visitor.sign_in_link).to_be_visible()
        await is_fine()

        await visitor.go_to_github()
        await is_fine()

        await visitor.authorize_as("ada-rivera")
        await visitor.is_signed_in("ada-rivera")
        await is_fine()

        await page.goto(f"{demo.origin}/oauth/callback?state=forged")
        await expect(visitor.start_again_link).to_be_visible()
        await is_fine()

        await page.goto(f"{demo.origin}/auth/login?return_to=//elsewhere.example")
        await expect(visitor.start_again_link).to_be_visible()
        await is_fine()


async def test_changes_of_who_is_signed_in_are_read_aloud(visitor: Visitor) -> None:
    status = visitor.page.get_by_role("status")
    await visitor.sign_in("ada-rivera")
    await expect(status).to_contain_text("Signed in as ada-rivera", use_inner_text=True)

    await visitor.sign_out_button.click()
    await expect(status).to_have_text("Signed out", use_inner_text=True)


async def test_a_failure_is_read_aloud(browser: Browser, demo: Demo) -> None:
    # Not watched: what fails here fails on purpose.
    async with await browser.new_page() as page:
        visitor = Visitor(page, demo)
        await visitor.sign_in("ada-rivera")
        await page.route("**/auth/logout", lambda route: route.abort())
        await visitor.sign_out_button.click()

        await expect(page.get_by_role("alert")).to_have_text("Signing out failed. Please try again.")
        await visitor.is_signed_in("ada-rivera")
