"""Whoever has a whole repository looked through gets less time than others, and is told what to change."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Final

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from adapters.postgres import scans
from adapters.postgres.pool import create_pool
from adapters.postgres.unit_of_work import BeginPostgresWork
from application.ports.unit_of_work import UnitOfWork
from domain.errors import ListTooWide, UpstreamUnavailable
from domain.replica import CommitFilter, ItemFilter, State
from tests.fakes.clock import NOON
from tests.replicated import ROCKET

pytestmark = pytest.mark.postgres

Listing = Callable[[UnitOfWork], Awaitable[object]]
SHOW: Final = "SHOW statement_timeout"


@pytest.fixture
async def pool(database_url: str) -> AsyncGenerator[AsyncConnectionPool, None]:
    async with create_pool(database_url, max_size=1, statement_seconds=0.2) as pool:
        yield pool


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scans, "MILLISECONDS", 50)


def pulls(wanted: ItemFilter) -> Listing:
    return lambda work: work.pull_requests.list(ROCKET, wanted, None, 10)


def issues(wanted: ItemFilter) -> Listing:
    return lambda work: work.issues.list(ROCKET, wanted, None, 10)


def commits(wanted: CommitFilter) -> Listing:
    return lambda work: work.commits.list(ROCKET, wanted, None, 10)


async def ask_while_locked(pool: AsyncConnectionPool, database_url: str, listing: Listing) -> None:
    """Ask for a list that takes forever."""
    async with await psycopg.AsyncConnection.connect(database_url) as other:
        await other.execute("LOCK TABLE pull_requests, issues, commits")
        async with BeginPostgresWork(pool)(atomic=False) as work:
            await listing(work)


@pytest.mark.parametrize(
    ("listing", "words"),
    [
        (pulls(ItemFilter(branch="main")), "narrow it with `author` or `state`"),
        (issues(ItemFilter(text="fly", author="ada")), "narrow it with `author` or `state`"),
        (commits(CommitFilter(author="ada", since=NOON)), "narrow it with `since` and `until`"),
    ],
)
async def test_a_scan_that_takes_too_long_says_how_to_narrow_it(
    pool: AsyncConnectionPool, database_url: str, listing: Listing, words: str
) -> None:
    with pytest.raises(ListTooWide, match=words):
        await ask_while_locked(pool, database_url, listing)

    async with pool.connection() as connection:
        assert await (await connection.execute(SHOW)).fetchone() == ("200ms",)


@pytest.mark.parametrize(
    "listing",
    [pulls(ItemFilter()), issues(ItemFilter(author="ada", state=State.OPEN)), commits(CommitFilter(since=NOON))],
)
async def test_what_is_looked_up_has_the_time_of_all_statements(
    pool: AsyncConnectionPool, database_url: str, listing: Listing
) -> None:
    with pytest.raises(UpstreamUnavailable):
        await ask_while_locked(pool, database_url, listing)
