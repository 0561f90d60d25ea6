"""A page whose faults fail the test that opened it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from playwright.async_api import Browser, ConsoleMessage, Page, WebError
from playwright.async_api import Error as PlaywrightError

TIMEOUT_MILLISECONDS = 10_000


@asynccontextmanager
async def watched_page(browser: Browser) -> AsyncGenerator[Page]:
    """Open a page with its own cookies and storage, and fail in the end if a script or the policy failed on it.

    Its popups are watched too.
    """
    faults: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if "content security policy" in message.text.lower():
            faults.append(message.text)

    def fail(error: WebError) -> None:
        faults.append(str(error.error))

    context = await browser.new_context()
    try:
        context.set_default_timeout(TIMEOUT_MILLISECONDS)
        context.on("console", hear)
        context.on("weberror", fail)
        page = await context.new_page()
        yield page
        # Events come in order, so those before this answer have been heard.
        for opened in context.pages:
            with suppress(PlaywrightError):
                await opened.evaluate("0")
    finally:
        await context.close()
    assert not faults, "the page failed:\n" + "\n".join(faults)
