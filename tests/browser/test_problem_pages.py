"""What a person reads when signing in does not work."""

import pytest
from playwright.async_api import expect

from adapters.nango.client import MOST_REPEATS
from tests.browser.accessibility import faults
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.postgres]

# More than one address may begin in a minute; that test is the last of its demo.
MANY = 21


async def reads(visitor: Visitor, heading: str, *texts: str) -> None:
    """Check the page's words, and that it is whole."""
    page = visitor.page
    await expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    await expect(page).to_have_title(f"{heading} · Latchkey")
    for text in texts:
        await expect(page.get_by_text(text, exact=True)).to_be_visible()
    await expect(visitor.start_again_link).to_have_attribute("href", "/")
    assert await faults(page) == []


async def test_a_callback_that_nobody_began(visitor: Visitor) -> None:
    await visitor.page.goto(f"{visitor.place.origin}/oauth/callback?code=forged")
    await reads(visitor, "Please start again", "GitHub sent no state: sign-ins begin on our own page.")


async def test_a_link_that_leads_back_elsewhere(visitor: Visitor) -> None:
    await visitor.page.goto(f"{visitor.place.origin}/auth/login?return_to=//elsewhere.example")
    await reads(
        visitor,
        "This link does not work",
        "It leads back to a place that is not allowed.",
        "Reason: return_to must be a path such as /welcome, or start with one of the ALLOWED_ORIGINS.",
    )


async def test_another_page_that_signs_people_in(visitor: Visitor) -> None:
    await visitor.go_to_github()
    await visitor.page.evaluate("(url) => { location = url }", f"{visitor.place.origin}/auth/login")
    await visitor.page.wait_for_url(f"{visitor.place.origin}/auth/login")
    await reads(visitor, "Please start here", "Another site tried to sign you in.")


async def test_a_moment_of_trouble_passes_without_a_click(visitor: Visitor) -> None:
    await visitor.go_to_github()
    await visitor.control("/failures", endpoint="POST /connect/sessions", times=1 + MOST_REPEATS)
    await visitor.page.goto(f"{visitor.place.origin}/auth/login")
    await reads(
        visitor, "One moment", "Something that is needed does not answer right now. This page tries again by itself."
    )
    await expect(visitor.authorize_button).to_be_visible()


async def test_too_many_tries(visitor: Visitor) -> None:
    for _ in range(MANY):
        await visitor.page.request.get(f"{visitor.place.origin}/auth/login?return_to=//elsewhere.example")
    await visitor.page.goto(f"{visitor.place.origin}/auth/login")
    await reads(visitor, "Too many tries", "Many sign-ins came from your network. Please wait a minute.")
