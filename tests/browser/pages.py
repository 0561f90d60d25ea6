"""A page whose faults fail the test that opened it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Final, Literal, TypedDict, Unpack
from urllib.parse import urlsplit

from playwright.async_api import Browser, ConsoleMessage, Page, Request, Response, ViewportSize, WebError
from playwright.async_api import Error as PlaywrightError

TIMEOUT_MILLISECONDS = 10_000

HOST: Final = "127.0.0.1"
# Chromium's own words for an answer of 400 and more; `hear_response` judges those.
STATUS_TOLD: Final = "Failed to load resource: the server responded with a status of"
# How the page learns that nobody is signed in.
WHO: Final = "/auth/me"


class Looks(TypedDict, total=False):
    """What a visitor's browser is set to."""

    viewport: ViewportSize
    color_scheme: Literal["dark", "light"]
    java_script_enabled: bool
    device_scale_factor: float


class Faults:
    """What no page may do: throw, complain, break the policy, miss a file, ask another machine."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def hear_console(self, message: ConsoleMessage) -> None:
        is_policy = "content security policy" in message.text.lower()
        if is_policy or (message.type == "error" and not message.text.startswith(STATUS_TOLD)):
            self.found.append(message.text)

    def hear_error(self, error: WebError) -> None:
        self.found.append(str(error.error))

    def hear_request(self, request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme in {"http", "https", "ws", "wss"} and url.hostname != HOST:
            self.found.append(f"asked another machine: {request.url}")

    def hear_response(self, response: Response) -> None:
        # A page may say no in words; what it loads has to be there.
        if response.status < 400 or response.request.resource_type == "document":
            return
        if response.status != 401 or urlsplit(response.url).path != WHO:
            self.found.append(f"{response.status} for {response.url}")


@asynccontextmanager
async def watched_page(browser: Browser, **looks: Unpack[Looks]) -> AsyncGenerator[Page]:
    """Open a page with its own cookies and storage, and fail in the end if it did what no page may do.

    Its popups are watched too.
    """
    faults = Faults()
    context = await browser.new_context(**looks)
    try:
        context.set_default_timeout(TIMEOUT_MILLISECONDS)
        context.on("console", faults.hear_console)
        context.on("weberror", faults.hear_error)
        context.on("request", faults.hear_request)
        context.on("response", faults.hear_response)
        page = await context.new_page()
        yield page
        # Events come in order, so those before this answer have been heard.
        for opened in context.pages:
            with suppress(PlaywrightError):
                await opened.evaluate("0")
    finally:
        await context.close()
    assert not faults.found, "the page failed:\n" + "\n".join(faults.found)
