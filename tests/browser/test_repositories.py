"""Connecting repositories with a real browser, with everything behind it running as `latchkey demo`."""

from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, expect

from domain.freshness import Freshness, FreshnessState, Progress
from domain.sync import ReplicaKind
from tests.browser.accessibility import faults, scrolls_sideways
from tests.browser.demo import Demo
from tests.browser.pages import watched_page
from tests.browser.repositories import RepositoriesVisitor, approve
from tests.browser.synced import Synced, SyncedVisitor
from tests.fakes.clock import NOON
from tests.replicated import a_commit, a_pull_request, an_issue

pytestmark = [pytest.mark.browser, pytest.mark.postgres]

# How soon the page shows what an owner approved.
# On an idle machine it is there within two seconds; whatever does not come by the webhook takes longer than this.
AT_ONCE_MILLISECONDS = 10_000


@pytest.fixture
def visitor(page: Page, demo: Demo) -> RepositoriesVisitor:
    return RepositoriesVisitor(page, demo)


async def test_a_member_only_authorises_the_app_and_sees_what_github_lists_for_them_and_why(
    visitor: RepositoriesVisitor,
) -> None:
    await visitor.sign_in("grace-okafor")
    await visitor.authorise("grace-okafor")

    row = visitor.row("northwind-labs/beacon")
    await expect(row).to_contain_text("private · write")
    await visitor.why_button("northwind-labs/beacon").click()
    await expect(row).to_contain_text("GitHub listed it for you when you connected it")
    assert await faults(visitor.page) == []
    await visitor.why_button("northwind-labs/beacon").click()
    await expect(row.get_by_text("GitHub listed it")).to_be_hidden()


async def test_the_app_is_installed_and_disconnected_again(visitor: RepositoriesVisitor) -> None:
    await visitor.sign_in("sam-lindqvist")
    await visitor.install("sam-lindqvist", "sam-lindqvist")

    await expect(visitor.row("sam-lindqvist/notes")).to_contain_text("private · admin")
    assert visitor.page.url == f"{visitor.place.origin}/"
    assert await faults(visitor.page) == []

    await visitor.page.get_by_role("button", name="Disconnect sam-lindqvist", exact=True).click()
    await expect(visitor.row("sam-lindqvist/notes")).to_be_hidden()
    await expect(visitor.connect_link).to_be_focused()
    await expect(visitor.row("northwind-labs/atlas")).to_contain_text("read")


async def test_the_page_opens_by_itself_when_an_owner_approves(visitor: RepositoriesVisitor, browser: Browser) -> None:
    await visitor.sign_in("ada-rivera")
    github = await visitor.ask_owner("ada-rivera", "tidewater-studio")
    await expect(visitor.page.get_by_role("listitem").get_by_text("Waiting for an owner of")).to_be_visible()
    assert await faults(visitor.page) == []

    async with watched_page(browser) as owners_page:
        await approve(owners_page, github, "tidewater-studio", "sam-lindqvist")
        await expect(visitor.row("tidewater-studio/harbour")).to_be_visible(timeout=AT_ONCE_MILLISECONDS)
    await expect(visitor.page.get_by_role("listitem").get_by_text("Waiting for an owner of")).to_be_hidden()


async def test_the_list_fits_a_narrow_screen(browser: Browser, demo: Demo) -> None:
    async with watched_page(browser, viewport={"width": 320, "height": 640}) as page:
        visitor = RepositoriesVisitor(page, demo)
        await visitor.sign_in("grace-okafor")
        await visitor.authorise("grace-okafor")
        await expect(visitor.row("northwind-labs/beacon")).to_be_visible()

        assert not await scrolls_sideways(page)


async def test_connecting_without_a_session_leads_to_signing_in(visitor: RepositoriesVisitor) -> None:
    await visitor.page.goto(f"{visitor.place.origin}/auth/connect-repositories")

    await expect(visitor.page.get_by_role("heading", name="Please sign in first")).to_be_visible()
    assert await faults(visitor.page) == []
    await visitor.page.get_by_role("link", name="Sign in", exact=True).click()
    await expect(visitor.sign_in_link).to_be_visible()


async def test_an_installation_begun_at_github_leads_here(visitor: RepositoriesVisitor) -> None:
    await visitor.sign_in("grace-okafor")
    await visitor.page.goto(f"{visitor.place.origin}/oauth/callback?code=x&installation_id=1&setup_action=update")

    await expect(visitor.page.get_by_role("heading", name="One more step")).to_be_visible()
    await expect(visitor.connect_link).to_be_visible()
    assert await faults(visitor.page) == []


async def test_without_script_one_connects_all_the_same(browser: Browser, demo: Demo) -> None:
    async with watched_page(browser, java_script_enabled=False) as page:
        visitor = RepositoriesVisitor(page, demo)
        await visitor.go_to_github()
        await visitor.authorize_as("sam-lindqvist")
        await visitor.connect_link.click()

        await visitor.choose_account("sam-lindqvist", "sam-lindqvist")
        await (
            page.get_by_role("button", name="Install", exact=True)
            .or_(page.get_by_role("button", name="Save", exact=True))
            .click()
        )
        await expect(visitor.sign_in_link).to_be_visible()
        assert "connection_id=" in page.url


async def test_a_repository_opens_to_what_was_synced_and_shows_how_far_the_first_reading_is(
    page: Page, demo: Demo
) -> None:
    visitor, synced = SyncedVisitor(page, demo), Synced()
    await synced.serve(page)
    await visitor.sign_in("grace-okafor")
    await visitor.authorise("grace-okafor")
    await visitor.open_button("northwind-labs/beacon").click()
    pulls = visitor.section("Pull requests")
    await expect(pulls).to_contain_text("not synced yet")
    synced.freshness[ReplicaKind.PULL_REQUESTS] = Freshness(
        state=FreshnessState.PULLING, rows=0, progress=Progress(records=30, expected=31)
    )
    await expect(pulls.get_by_role("progressbar", name="Reading pull requests")).to_have_attribute("value", "30")
    await expect(pulls).to_contain_text("Reading: 30 of 31.")
    assert await faults(page) == []

    url = "https://github.test/pull/31"
    first = replace(a_pull_request(31), author="ada", is_merged=True, updated_at=NOON, url=url)
    synced.pulls = [first, *(a_pull_request(number) for number in range(30, 0, -1))]
    synced.freshness[ReplicaKind.PULL_REQUESTS] = Freshness(
        state=FreshnessState.FRESH, rows=31, pulled_at=NOON, lag=timedelta(minutes=5)
    )
    await expect(pulls.get_by_role("progressbar")).to_be_hidden()
    await expect(pulls).to_contain_text("as of 5 minutes ago")
    await expect(pulls.get_by_role("listitem").first).to_have_text("Fly merged · #31 · ada · Nov 21, 2026")
    await expect(pulls.get_by_role("link")).to_have_attribute("href", url)
    await expect(page.get_by_role("status")).to_contain_text("Pull requests of northwind-labs/beacon are read")

    await pulls.get_by_role("button", name="More pull requests of northwind-labs/beacon").dblclick()
    await expect(pulls.get_by_role("listitem")).to_have_count(31)
    await expect(pulls.get_by_role("button")).to_be_hidden()
    assert await faults(page) == []


async def test_a_failed_sync_and_held_deletions_are_said_in_words_and_no_script_becomes_a_link(
    browser: Browser, demo: Demo
) -> None:
    why = "Nango's sync failed: GitHub did not let it read the issues of this repository, and said no more than that"
    synced = Synced(
        commits=[
            replace(a_commit("a" * 40, message="Fly\n\nTo the moon."), author_name="Ada", url="javascript:alert(1)")
        ],
        issues=[an_issue(7, "It-does-not-fly" * 20)],
    )
    synced.freshness |= {
        ReplicaKind.COMMITS: Freshness(state=FreshnessState.HELD, rows=1, pulled_at=NOON, held_deletions=500),
        ReplicaKind.ISSUES: Freshness(state=FreshnessState.FAILED, rows=1, error=why),
    }
    async with watched_page(browser, viewport={"width": 320, "height": 640}) as page:
        visitor = SyncedVisitor(page, demo)
        await synced.serve(page)
        await visitor.sign_in("grace-okafor")
        await visitor.authorise("grace-okafor")
        await visitor.open_button("northwind-labs/beacon").click()

        await expect(visitor.section("Pull requests")).to_contain_text("not synced yet")
        await expect(visitor.section("Pull requests")).to_contain_text("Nothing here.")
        commits = await visitor.unfold("Commits")
        await expect(commits.get_by_role("listitem")).to_have_text("Fly aaaaaaa · Ada · Nov 21, 2026")
        await expect(commits).to_contain_text("500 deletions are held back")
        assert await commits.get_by_role("link").count() == 0
        issues = await visitor.unfold("Issues")
        await expect(issues).to_contain_text(why)
        await expect(issues.get_by_role("listitem")).to_contain_text("open · #7")
        assert not await scrolls_sideways(page)
        assert await faults(page) == []

        await visitor.open_button("northwind-labs/beacon").click()
        await expect(visitor.section("Issues")).to_be_hidden()
