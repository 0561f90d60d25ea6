import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.chromium import ChromiumMissing, find_or_fetch
from tests.browser.pages import watched_page

pytestmark = pytest.mark.browser

SCRIPT = """
const button = document.querySelector("button");
button.addEventListener("click", () => {
  document.querySelector("output").textContent = "Connected";
});
"""
DOCUMENT = """<!doctype html>
<html lang="en"><title>Door</title>
<button aria-label="Connect GitHub"><svg></svg></button>
<output></output>
<script src="/script.js"></script></html>
"""
ANSWERS = {"/": ("text/html", DOCUMENT), "/script.js": ("text/javascript", SCRIPT)}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        kind, text = ANSWERS.get(self.path, ("text/plain", ""))
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", "default-src 'self'")
        self.end_headers()
        self.wfile.write(text.encode())


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


async def test_clicks_a_button_found_by_role_and_accessible_name(page: Page, origin: str) -> None:
    await page.goto(origin)
    await page.get_by_role("button", name="Connect GitHub").click()
    await expect(page.get_by_role("status")).to_have_text("Connected")


async def evaluate(browser: Browser, origin: str, script: str) -> None:
    async with watched_page(browser) as page:
        await page.goto(origin)
        await page.evaluate(script)


async def test_a_script_that_throws_fails_the_test(browser: Browser, origin: str) -> None:
    throws = "new Promise((done) => { setTimeout(done); setTimeout(() => { throw new Error('on purpose'); }); })"
    with pytest.raises(AssertionError, match="on purpose"):
        await evaluate(browser, origin, throws)


async def test_breaking_the_content_security_policy_fails_the_test(browser: Browser, origin: str) -> None:
    with pytest.raises(AssertionError, match="Content Security Policy"):
        await evaluate(browser, origin, "document.body.innerHTML = '<p style=\"color: red\">'")


def test_a_named_browser_that_does_not_run_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\necho no display >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("CHROMIUM", str(broken))
    with pytest.raises(ChromiumMissing, match="does not run"):
        find_or_fetch()
