"""Connecting repositories, by the names on the pages."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.async_api import Locator, Page, expect

from tests.browser.visitor import Visitor


@dataclass(frozen=True, slots=True)
class RepositoriesVisitor(Visitor):
    @property
    def connect_link(self) -> Locator:
        return self.page.get_by_role("link", name="Connect repositories", exact=True)

    @property
    def authorise_link(self) -> Locator:
        return self.page.get_by_role("link", name="Already installed? Only authorise", exact=True)

    @property
    def disconnect_buttons(self) -> Locator:
        return self.page.get_by_role("button", name="Disconnect")

    def why_button(self, full_name: str) -> Locator:
        return self.page.get_by_role("button", name=f"Why? {full_name}", exact=True)

    def row(self, full_name: str) -> Locator:
        return self.page.get_by_role("listitem").filter(has=self.why_button(full_name))

    async def go_to_install(self, login: str, account: str) -> None:
        """Leave for GitHub's page that installs the App, as far as the choice of repositories."""
        await self.connect_link.click()
        await self.choose_account(login, account)

    async def choose_account(self, login: str, account: str) -> None:
        await self.person(login).check()
        await self.page.get_by_role("button", name="Continue").click()
        await self.page.get_by_role("radio", name=account).check()
        await self.page.get_by_role("button", name="Continue").click()
        await expect(self.page.get_by_role("heading", name=account, exact=True)).to_be_visible()

    async def authorise(self, login: str) -> None:
        """Only authorise the App, where it is installed already."""
        await self.authorise_link.click()
        await self.authorize_as(login)
        await self.is_signed_in(login)

    async def install(self, login: str, account: str) -> None:
        """Install the App on everything."""
        await self.go_to_install(login, account)
        await self.page.get_by_role("button", name="Install", exact=True).click()

    async def ask_owner(self, login: str, account: str) -> str:
        """Ask for the App; return where GitHub is."""
        await self.go_to_install(login, account)
        url = urlsplit(self.page.url)
        await self.page.get_by_role("button", name="Request", exact=True).click()
        return f"{url.scheme}://{url.netloc}"


async def approve(page: Page, github: str, organization: str, owner: str) -> None:
    """Approve, as an owner on GitHub's own page."""
    await page.goto(f"{github}/organizations/{organization}/settings/installations?as={owner}")
    await page.get_by_role("button", name="Approve").click()
    await expect(page.get_by_role("button", name="Approve")).to_be_hidden()
