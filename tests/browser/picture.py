"""Draws the picture of the README: `make picture`."""

import base64
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Browser, expect

from tests.browser.demo import Demo
from tests.browser.pages import Looks, watched_page
from tests.browser.repositories import RepositoriesVisitor

pytestmark = [pytest.mark.browser, pytest.mark.postgres]

PICTURE: Final = Path(__file__).parents[2] / "docs" / "sign-in.png"
LARGEST_BYTES: Final = 200_000
SCREEN: Final[Looks] = {"viewport": {"width": 400, "height": 560}, "device_scale_factor": 1.5}
WALL: Final[Looks] = {"viewport": {"width": 1280, "height": 608}, "device_scale_factor": 1.5}
FRAMES: Final = """
  body { display: flex; gap: 24px; margin: 0; padding: 24px 16px; background: #e7e9ec; }
  img { width: 400px; height: 560px; border-radius: 12px; box-shadow: 0 4px 24px rgb(0 0 0 / 12%); }
"""


async def test_a_sign_in_and_a_connect_make_the_picture_of_the_readme(browser: Browser, demo: Demo) -> None:
    screens: list[bytes] = []
    async with watched_page(browser, **SCREEN) as page:
        visitor = RepositoriesVisitor(page, demo)

        await visitor.open_home()
        await expect(visitor.sign_in_link).to_be_visible()
        screens.append(await page.screenshot())

        await visitor.go_to_github()
        screens.append(await page.screenshot())

        await visitor.authorize_as("grace-okafor")
        await visitor.is_signed_in("grace-okafor")
        await visitor.authorise("grace-okafor")
        await visitor.why_button("northwind-labs/beacon").click()
        await expect(visitor.row("northwind-labs/beacon")).to_contain_text("GitHub listed it")
        screens.append(await page.screenshot())

    images = [f'<img src="data:image/png;base64,{base64.b64encode(screen).decode()}">' for screen in screens]
    async with watched_page(browser, **WALL) as page:
        await page.set_content(f"<style>{FRAMES}</style>{''.join(images)}")
        picture = await page.screenshot()

    assert len(picture) < LARGEST_BYTES
    PICTURE.write_bytes(picture)
