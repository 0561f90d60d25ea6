"""What a visitor does, by the names on the page."""

from dataclasses import dataclass
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from playwright.async_api import Locator, Page, expect

SESSION_COOKIE: Final = "latchkey_session"


class Place(Protocol):
    """Where a visitor goes."""

    @property
    def origin(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Visitor:
    page: Page
    place: Place

    @property
    def sign_in_link(self) -> Locator:
        return self.page.get_by_role("link", name="Sign in with GitHub", exact=True)

    @property
    def sign_out_button(self) -> Locator:
        return self.page.get_by_role("button", name="Sign out", exact=True)

    @property
    def authorize_button(self) -> Locator:
        return self.page.get_by_role("button", name="Authorize", exact=True)

    @property
    def start_again_link(self) -> Locator:
        return self.page.get_by_role("link", name="Start again", exact=True)

    def person(self, login: str) -> Locator:
        return self.page.get_by_role("radio", name=login)

    async def open_home(self) -> None:
        await self.page.goto(self.place.origin)

    async def go_to_github(self) -> str:
        """Leave for GitHub, and return its URL, which is the one a stranger might pass on."""
        await self.open_home()
        await self.sign_in_link.click()
        await expect(self.authorize_button).to_be_visible()
        return self.page.url

    async def authorize_as(self, login: str) -> None:
        await self.person(login).check()
        await self.authorize_button.click()

    async def sign_in(self, login: str) -> None:
        await self.go_to_github()
        await self.authorize_as(login)
        await self.is_signed_in(login)

    async def is_signed_in(self, login: str) -> None:
        await expect(self.page.get_by_text(f"Signed in as {login}", exact=True)).to_be_visible()
        await expect(self.sign_out_button).to_be_visible()
        await expect(self.sign_in_link).to_be_hidden()

    async def is_signed_out(self) -> None:
        await expect(self.sign_in_link).to_be_visible()
        await expect(self.sign_out_button).to_be_hidden()
        assert await self.profile() is None

    async def profile(self) -> dict[str, Any] | None:
        """Ask who is signed in, with the browser's cookies."""
        answer = await self.page.request.get(f"{self.place.origin}/auth/me")
        if answer.status == 401:
            return None
        assert answer.ok, await answer.text()
        return await answer.json()

    async def has_session_cookie(self) -> bool:
        cookies = await self.page.context.cookies(self.place.origin)
        return any(cookie.get("name") == SESSION_COOKIE for cookie in cookies)

    async def control(self, path: str, **body: object) -> None:
        """Change the sandbox, whose address is known on its page only."""
        sandbox = urlsplit(self.page.url)
        answer = await self.page.request.post(f"{sandbox.scheme}://{sandbox.netloc}/__sandbox{path}", data=body)
        assert answer.ok, await answer.text()
