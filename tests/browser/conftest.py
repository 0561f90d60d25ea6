"""What a browser test asks for: ``page``, ``visitor`` of a demo, or ``browser`` for pages of its own making.

Tests are coroutines.
"""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.chromium import Chromium, ChromiumMissing, driver, find_or_fetch
from tests.browser.demo import Demo, running_demo
from tests.browser.pages import TIMEOUT_MILLISECONDS, watched_page
from tests.browser.visitor import Visitor

expect.set_options(timeout=TIMEOUT_MILLISECONDS)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Keep one event loop for all browser tests, so that they can share one browser."""
    return "asyncio"


@pytest.fixture(scope="session")
def chromium() -> Chromium:
    try:
        return find_or_fetch()
    except ChromiumMissing as missing:
        problem = str(missing)
    pytest.fail(problem, pytrace=False)


@pytest.fixture(scope="session")
async def browser(chromium: Chromium) -> AsyncIterator[Browser]:
    async with driver() as playwright:
        browser = await chromium.launch(playwright.chromium)
        yield browser
        await browser.close()


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """Open a page for this test alone, which fails if it did what no page may do."""
    async with watched_page(browser) as page:
        yield page


@pytest.fixture(scope="module")
async def demo() -> AsyncIterator[Demo]:
    """Run a demo for the tests of one file, which may begin 20 sign-ins a minute, as everybody may."""
    async with running_demo() as demo:
        yield demo
    assert demo.exit_status == 0
    assert not demo.left_behind


@pytest.fixture
def visitor(page: Page, demo: Demo) -> Visitor:
    return Visitor(page, demo)
