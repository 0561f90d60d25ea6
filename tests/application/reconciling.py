"""What goes wrong without webhooks, and a run of reconcile that something happens to."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

from application.login.open_connect_ui import ConnectUiOpened
from application.login.start_login import LoginStarted
from application.ports.provider_connections import ListedPage
from application.reconcile.reconciled import Reconciled
from application.reconcile.treatment import Treated, Treatment
from domain.connection import ConnectionKind
from domain.reconcile import Finding, FindingKind
from domain.user import GitHubAccount, GitHubId
from tests.application.house import House
from tests.builders import ADA

MINUTE = timedelta(minutes=1)


HEALED, LEFT, POSTPONED, FAILED = Treatment.HEALED, Treatment.LEFT, Treatment.POSTPONED, Treatment.FAILED


def outcomes(treated: list[Treated]) -> list[tuple[FindingKind, Treatment]]:
    return [(one.finding.kind, one.treatment) for one in treated]


def by_cookie() -> House:
    return House(is_bound_by_cookie=True)


async def interrupted(house: House, account: GitHubAccount = ADA) -> LoginStarted:
    """Bring a browser back, and let the process die when Nango has made the connection."""
    started = await house.start_login(None, None)
    house.nango.authorize(started.attempt.authorization, account)
    async with house.begin_work() as work:
        assert await work.attempts.move(started.attempt.passing(house.clock.now()))
    return started


async def connected_by_popup(house: House, account: GitHubAccount = ADA) -> ConnectUiOpened:
    opened = await house.open_connect_ui()
    house.nango.connect(opened.attempt.end_user_id, account)
    return opened


def lose_rows(house: House) -> None:
    house.begin_work.tables.connections.clear()


class Meanwhile:
    """Lets something happen before a finding is looked at."""

    def __init__(self, house: House, happen: Callable[[], object]) -> None:
        self.heal, self.happen = house.heal_finding, happen

    async def __call__(self, finding: Finding) -> tuple[Treatment, str]:
        self.happen()
        return await self.heal(finding)


async def reconcile_while(house: House, happen: Callable[[], object]) -> list[Treatment]:
    """Run, with a list that is old by the time it is acted on; tell what became of the findings."""
    treated: list[Treated] = []
    heal = Meanwhile(house, happen)
    runs = replace(house.reconcile_logins, heal={ConnectionKind.LOGIN: heal})
    assert await runs(is_wanted=True, tell=treated.append)
    return [one.treatment for one in treated]


async def sign_in_many(house: House, count: int) -> None:
    for number in range(count):
        await house.sign_in(replace(ADA, id=GitHubId(number + 1)))
    house.clock.advance(MINUTE)


class Listing:
    """Lists as Nango does, with something done to each page."""

    def __init__(self, house: House, change: Callable[[int, ListedPage], Awaitable[ListedPage]]) -> None:
        self.real, self.change = house.compare_connections.provider_connections, change

    async def list_page(self, number: int) -> ListedPage:
        return await self.change(number, await self.real.list_page(number))


async def reconcile_listing(house: House, change: Callable[[int, ListedPage], Awaitable[ListedPage]]) -> Reconciled:
    listing = Listing(house, change)
    compare = replace(house.compare_connections, provider_connections=listing)
    reconciled = await replace(house.reconcile_logins, compare_connections=compare)(is_wanted=True)
    assert reconciled is not None
    return reconciled
