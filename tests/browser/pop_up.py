"""Signing in by a pop-up, by the names on the page."""

from dataclasses import dataclass

from playwright.async_api import FrameLocator, Locator, Page, expect

from tests.browser.visitor import Visitor


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
        return await open_pop_up(self.page, self.connect_button)

    async def sign_in_by_pop_up(self, login: str) -> Page:
        await self.open_connect_ui()
        pop_up = await self.open_pop_up()
        await Visitor(pop_up, self.place).authorize_as(login)
        await self.is_signed_in(login)
        return pop_up


async def open_pop_up(page: Page, connect_button: Locator) -> Page:
    """Press the button of Connect UI, and return the window in which GitHub asks."""
    async with page.expect_popup() as opening:
        await connect_button.click()
    pop_up = await opening.value
    await expect(pop_up.get_by_role("button", name="Authorize", exact=True)).to_be_visible()
    return pop_up


async def gone(pop_up: Page) -> None:
    if not pop_up.is_closed():
        await pop_up.wait_for_event("close")
