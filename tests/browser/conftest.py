"""What a browser test asks for: ``page``, ``visitor`` of a demo, or ``browser`` for pages of its own making.

Or a ``service`` whose webhooks and rows it has a hand on, and an ``app`` on another origin.

Tests are coroutines.
"""

from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.app import App, running_app
from tests.browser.chromium import Chromium, ChromiumMissing, driver, find_or_fetch
from tests.browser.demo import Demo, running_demo
from tests.browser.pages import TIMEOUT_MILLISECONDS, watched_page
from tests.browser.service import Binding, Service, running_services
from tests.browser.visitor import Visitor
from tests.databases import PostgresServer
from tests.journeys.sandbox import Person

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


@pytest.fixture(scope="session")
def app() -> Iterator[App]:
    with running_app() as app:
        yield app


@pytest.fixture(scope="session")
def services(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory, app: App
) -> Iterator[dict[Binding, Service]]:
    with running_services(postgres_server, tmp_path_factory.mktemp("services"), app.origin) as services:
        yield services


@pytest.fixture
def binding() -> Binding:
    """Own the callback; tests that are about the other way too take this as a parameter."""
    return "callback"


@pytest.fixture
def service(services: dict[Binding, Service], binding: Binding) -> Iterator[Service]:
    yield services[binding]
    services[binding].sandbox.calm_down()


@pytest.fixture
def person(service: Service) -> Person:
    return service.sandbox.newcomer()
