"""Two people connect thousands of repositories at the same time, while GitHub changes and the service dies."""

import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pytest

from tests.databases import PostgresServer
from tests.journeys.deployment import Deployment, deployed
from tests.journeys.linking import Linking, signed_in
from tests.journeys.waiting import eventually
from tests.torture.linking import finish, held, let_time_pass, truth

pytestmark = [pytest.mark.journey, pytest.mark.postgres]

PAGES: Final = "/proxy/user/installations/*/repositories"
ENOUGH_SECONDS: Final = 120.0
# How many times each webhook comes at least; and the sandbox swaps some.
TWICE: Final = {"duplicate": 1_000_000, "reorder": 20}
HELD_UP: Final = "SELECT id::text FROM attempts WHERE state IN ('open', 'passing', 'failing')"


@pytest.fixture
def latchkey(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Generator[Deployment]:
    folder = tmp_path_factory.mktemp("linking")
    with deployed(postgres_server, folder, WORKER_LEASE_SECONDS="3", LOG_LEVEL="WARNING") as deployment:
        yield deployment


def test_what_they_may_see_is_what_github_says_at_last(latchkey: Deployment, *, is_full: bool) -> None:
    size, kills = (10_000, 5) if is_full else (120, 1)
    # As recommended: else what is new is proven by its role, two hundred at a time.
    latchkey.sandbox.sign_in_with_the_app()
    visitors = [signed_in(latchkey.browser(), latchkey.sandbox.newcomer()) for _ in range(2)]
    accounts = [latchkey.github.organization(admins=(visitor.person,)) for visitor in visitors]
    for account in accounts:
        latchkey.github.repos(account, size)
    shared = latchkey.github.organization(admins=tuple(visitor.person for visitor in visitors))
    both = [latchkey.github.repo(shared) for _ in range(3)]
    latchkey.sandbox.trouble_webhooks(**TWICE)
    began = time.monotonic()

    with ThreadPoolExecutor() as threads:
        ends = [threads.submit(connect, visitor, account) for visitor, account in zip(visitors, accounts, strict=True)]
        for _ in range(kills):
            kill_in_the_midst(latchkey)
            change(latchkey, accounts[0])
        statuses = [end.result() for end in ends]
    seconds = time.monotonic() - began
    for visitor in visitors:
        connect(visitor, shared)
    for account in (*accounts, shared):
        change(latchkey, account)
    latchkey.sandbox.trouble_webhooks()

    assert [status["ready"] for status in statuses] == [True, True]
    for visitor, account in zip(visitors, accounts, strict=True):
        expected = truth(latchkey, account) | truth(latchkey, shared)
        assert len(expected) == size + len(both)
        eventually(lambda: is_there(latchkey, visitor, expected), "what GitHub says", ENOUGH_SECONDS)  # noqa: B023 - at once
    assert latchkey.rows.read(HELD_UP) == []
    if is_full:
        print(f"{kills} kills while two people connected {size} repositories each, in {seconds:.0f} s")  # noqa: T201 - `make torture` shows it


def connect(visitor: Linking, account: str) -> dict[str, object]:
    callback = visitor.install(visitor.start(), account)
    return visitor.status(finish(visitor, callback))


def kill_in_the_midst(latchkey: Deployment) -> None:
    """Let the service die while a page of somebody's repositories is read, and start it again."""
    stop = latchkey.tap.stop_before("GET", PAGES)
    stop.wait_until_reached()
    latchkey.service.kill()
    stop.release()
    # Nobody waits as long as the leases of the dead.
    latchkey.rows.change("UPDATE attempts SET lease_until = now() WHERE state = 'passing'")
    latchkey.rows.change("UPDATE access_checks SET lease_until = now() WHERE lease_until IS NOT NULL")
    latchkey.restart()


def change(latchkey: Deployment, account: str) -> None:
    """Delete one repository, rename one, and add one."""
    gone, renamed, *_ = sorted(latchkey.github.repos_of(account))
    latchkey.github.delete(gone)
    latchkey.github.rename(renamed, f"renamed-{renamed}")
    latchkey.github.repo(account)


def is_there(latchkey: Deployment, visitor: Linking, expected: dict[int, str]) -> bool:
    let_time_pass(latchkey)
    return held(latchkey, visitor.person) == expected
